"""How staff sign in: what an operator sets."""

from dataclasses import dataclass

from environs import Env, validate


@dataclass(frozen=True, slots=True)
class SignIn:
    """Of sessions, proofs and passwords of ours."""

    idle_minutes: int
    break_glass_minutes: int
    proof_minutes: int
    password_max_age_days: int
    passwords_kept: int


def read_sign_in(env: Env) -> SignIn:
    """The settings of sign-in. Raises EnvError for what is out of range."""
    return SignIn(
        idle_minutes=_number(env, "SESSION_IDLE_MINUTES", 60, 1, 720),
        break_glass_minutes=_number(env, "BREAK_GLASS_MINUTES", 60, 1, 720),
        proof_minutes=_number(env, "PROOF_MINUTES", 15, 1, 720),
        password_max_age_days=_number(env, "PASSWORD_MAX_AGE_DAYS", 0, 0, 3650),
        passwords_kept=_number(env, "PASSWORDS_KEPT", 5, 1, 24),
    )


def _number(env: Env, name: str, default: int, least: int, most: int) -> int:
    return int(env.int(name, default, validate=validate.Range(least, most)))
