from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from compliance.access import actor_of
from compliance.api.authentication import BearerAuthentication
from compliance.domain.tokens import create_token, revoke_token
from compliance.enums import Category, Operation
from tests.compliance.conftest import SYSTEM

pytestmark = pytest.mark.django_db


@api_view(["GET"])
@authentication_classes([BearerAuthentication])
@permission_classes([])
def whoami(request):
    actor = actor_of(request)
    return Response(
        {
            "actor": [actor.kind, actor.name, actor.address, actor.purpose],
            "operations": sorted(actor.operations),
            "contact": Category.CONTACT in actor.categories,
            "authenticated": request.user.is_authenticated,
        }
    )


def call(authorization=None):
    headers = {} if authorization is None else {"authorization": authorization}
    return whoami(APIRequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.9"))


@pytest.fixture
def secret():
    return create_token(
        name="CRM",
        scopes=["people.view"],
        categories=["contact"],
        purpose="service",
        by=SYSTEM,
        now=timezone.now(),
    )[1]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_a_program_acts_as_its_token(secret, scheme):
    assert call(f"{scheme} {secret}").data == {
        "actor": ["token", "CRM", "10.0.0.9", "service"],
        "operations": [Operation.PEOPLE_VIEW],
        "contact": True,
        "authenticated": True,
    }


@pytest.mark.parametrize("header", ["Bearer", "Bearer hw_wrong", "Bearer two words", "Bearer hw_\xff"])
def test_whatever_is_no_token_is_refused_with_a_challenge(secret, header):
    answer = call(header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Headwater"'
    assert "unknown, expired or revoked" in answer.data["detail"]


def test_a_revoked_or_expired_token_is_refused(secret):
    now = timezone.now()
    token, revoked = create_token(name="x", scopes=["people.view"], by=SYSTEM, now=now)
    revoke_token(token=token, by=SYSTEM, now=now)
    _, expired = create_token(
        name="x",
        scopes=["people.view"],
        by=SYSTEM,
        now=now - timedelta(days=2),
        expires_at=now - timedelta(days=1),
    )
    assert call(f"Bearer {revoked}").status_code == call(f"Bearer {expired}").status_code == 401


def test_without_a_token_nobody_may_anything():
    for header in (None, "Basic aHdfeDo="):
        assert call(header).data["operations"] == []
        assert call(header).data["authenticated"] is False
