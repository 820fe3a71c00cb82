"""How often garbage is searched for, and threads take turns, are settings of the process, and given back."""

import gc
import sys

import pytest

from ingestion.imports.making import OBJECTS, SWITCH_S, making_rows


def settings():
    return gc.get_threshold(), sys.getswitchinterval()


def test_the_settings_are_given_back_by_the_last_of_several_runs():
    former = settings()
    first, second = making_rows(), making_rows()
    first.__enter__()
    second.__enter__()
    assert (gc.get_threshold()[0], sys.getswitchinterval()) == (OBJECTS, SWITCH_S)
    first.__exit__(None, None, None)
    assert (gc.get_threshold()[0], sys.getswitchinterval()) == (OBJECTS, SWITCH_S)
    second.__exit__(None, None, None)
    assert settings() == former


def test_a_run_that_fails_gives_them_back_too():
    former = settings()
    with pytest.raises(LookupError), making_rows():
        raise LookupError
    assert settings() == former
