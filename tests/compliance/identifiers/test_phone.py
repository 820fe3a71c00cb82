import pytest

from compliance.identifiers import normalise


@pytest.mark.parametrize(
    ("region", "value", "normal"),
    [
        ("", "+44 20 7946 0123", "+442079460123"),
        ("", "+44 (0)20 7946 0123", "+442079460123"),
        ("", "+442079460123", "+442079460123"),
        ("", "tel:+44-20-7946-0123;ext=5", "+442079460123"),
        ("", "\u202a+44 20 7946 0123\u202c", "+442079460123"),
        ("", "020 7946 0123", None),
        ("GB", "020 7946 0123", "+442079460123"),
        ("GB", "+49 30 901820", "+4930901820"),
        ("GB", "12", None),
        ("GB", "no number", None),
        ("GB", "", None),
    ],
    ids=ascii,
)
def test_phone(settings, region, value, normal):
    settings.PHONE_REGION = region
    assert normalise("phone", value) == normal


def test_a_namespace_may_have_a_country_of_its_own(settings):
    settings.PHONE_REGION = "GB"
    assert normalise("phone:NL", "06 12345678") == "+31612345678"
    assert normalise("phone:NL", "020 7946 0123") != normalise("phone", "020 7946 0123")


@pytest.mark.parametrize(
    ("value", "landline", "mobile"),
    [
        ("020 794 6012", "+31207946012", None),
        ("06 12345678", None, "+31612345678"),
        ("+1 202 456 1111", None, "+12024561111"),  # the plan does not tell
        ("nothing", None, None),
    ],
)
def test_a_fixed_line_reaches_a_house_and_a_mobile_a_person(value, landline, mobile):
    assert normalise("landline:NL", value) == landline
    assert normalise("mobile:NL", value) == mobile
