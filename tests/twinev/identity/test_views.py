"""Accounts as a person meets them, and as strangers try them."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD
from twinev.identity.models import User

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
SIGNUP = {"username": "nina", "email": "nina@example.org", "password": "a long enough phrase"}


def log_in(client: Client, username: str, password: str = PASSWORD, **fields: str):
    return client.post(LOGIN, {"username": username, "password": password, **fields})


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_one_logs_in_with_the_user_name(client: Client, driver: User) -> None:
    assert log_in(client, "ann").status_code == 302
    assert is_logged_in(client)


def test_one_logs_in_with_the_email_address_in_any_case(client: Client, driver: User) -> None:
    log_in(client, "Ann@Example.org")
    assert client.session["_auth_user_id"] == str(driver.pk)


def test_a_wrong_password_is_refused_without_saying_whether_the_account_exists(client: Client, driver: User) -> None:
    known, unknown = log_in(client, "ann", "wrong"), log_in(client, "nobody", "wrong")
    assert not is_logged_in(client)
    assert known.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


@pytest.mark.parametrize(("role", "home"), [("driver", "/"), ("staff", "/dashboard/"), ("grid_operator", "/grid/")])
def test_each_role_lands_in_its_own_app(client: Client, request: pytest.FixtureRequest, role: str, home: str) -> None:
    person = request.getfixturevalue(role)
    assert log_in(client, person.username).url == home


def test_log_in_goes_on_where_one_was_stopped(client: Client, driver: User) -> None:
    assert log_in(client, "ann", next="/accounts/delete/").url == "/accounts/delete/"


def test_log_in_sends_nobody_to_another_site(client: Client, driver: User) -> None:
    assert log_in(client, "ann", next="https://evil.example/").url == "/"


def test_log_out_needs_a_post(client: Client, driver: User) -> None:
    client.force_login(driver)
    assert client.get("/accounts/logout/").status_code == 405
    assert is_logged_in(client)
    client.post("/accounts/logout/")
    assert not is_logged_in(client)


@pytest.fixture
def link(client: Client, django_capture_on_commit_callbacks: Any) -> str:
    """The path in the e-mail that Nina got after she signed up. E-mails leave after the commit."""
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/accounts/signup/", SIGNUP)
    assert answer.url == reverse("identity:signup-sent")
    assert mail.outbox[-1].to == [SIGNUP["email"]]
    return link_in(mail.outbox[-1].body)


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/\S+)", text)
    assert found
    return found[1]


def test_sign_up_works_once_the_link_in_the_email_was_confirmed(client: Client, link: str) -> None:
    log_in(client, "nina", SIGNUP["password"])
    assert not is_logged_in(client)
    client.get(link)
    assert not User.objects.get(username="nina").is_active, "a mail scanner that follows links confirms nothing"
    client.post(link)
    log_in(client, "nina", SIGNUP["password"])
    assert is_logged_in(client)


def test_who_has_not_confirmed_is_sent_the_link_again(
    client: Client, link: str, django_capture_on_commit_callbacks: Any
) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        log_in(client, "nina", SIGNUP["password"])
    assert not is_logged_in(client)
    client.post(link_in(mail.outbox[-1].body))
    assert User.objects.get(username="nina").is_active


def test_a_forged_link_confirms_nothing(client: Client, link: str) -> None:
    forged = link[:-3] + ("A" if link[-3] != "A" else "B") + link[-2:]
    assert client.post(forged).status_code == 410
    assert not User.objects.get(username="nina").is_active


def test_an_account_closed_by_the_staff_is_not_woken_by_its_old_link(client: Client, link: str) -> None:
    client.post(link)
    User.objects.filter(username="nina").update(is_active=False)
    client.post(link)
    assert not User.objects.get(username="nina").is_active


def test_signing_up_with_a_known_address_looks_the_same_and_tells_its_owner(client: Client, driver: User) -> None:
    answer = client.post("/accounts/signup/", SIGNUP | {"email": "ANN@example.org"})
    assert answer.url == reverse("identity:signup-sent")
    assert not User.objects.filter(username="nina").exists()
    assert mail.outbox[-1].to == ["ann@example.org"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "ANN"}, "username"),
        ({"username": "ann@example.org"}, "username"),
        ({"password": "12345678"}, "password"),
        ({"email": "no address"}, "email"),
    ],
)
def test_sign_up_refuses_what_cannot_be(client: Client, driver: User, changes: dict[str, str], field: str) -> None:
    answer = client.post("/accounts/signup/", SIGNUP | changes)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_a_forgotten_password_is_replaced_by_the_link_in_the_email(client: Client, driver: User) -> None:
    client.post("/accounts/password/reset/", {"email": "ann@example.org"})
    form = client.get(link_in(mail.outbox[-1].body), follow=True)
    new = "quite another phrase"
    client.post(form.request["PATH_INFO"], {"new_password1": new, "new_password2": new})
    log_in(client, "ann", new)
    assert is_logged_in(client)


def test_the_reset_page_says_the_same_for_unknown_addresses(client: Client, driver: User) -> None:
    known = client.post("/accounts/password/reset/", {"email": "ann@example.org"})
    unknown = client.post("/accounts/password/reset/", {"email": "who@example.org"})
    assert known.url == unknown.url
    assert len(mail.outbox) == 1


def test_the_password_is_changed_by_who_knows_it(client: Client, driver: User) -> None:
    client.force_login(driver)
    new = "quite another phrase"
    page = reverse("identity:password-change")
    refused = client.post(page, {"old_password": "wrong", "new_password1": new, "new_password2": new})
    assert "old_password" in refused.context["form"].errors
    client.post(page, {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    driver.refresh_from_db()
    assert driver.check_password(new)


def test_an_account_is_deleted_with_ones_password(client: Client, driver: User, other_driver: User) -> None:
    client.force_login(driver)
    assert client.post("/accounts/delete/", {"password": "wrong"}).status_code == 422
    assert User.objects.filter(username="ann").exists()
    client.post("/accounts/delete/", {"password": PASSWORD})
    assert list(User.objects.values_list("username", flat=True)) == ["bob"]
    assert not is_logged_in(client)


@pytest.mark.parametrize("name", ["account", "delete", "password-change"])
def test_a_stranger_sees_no_account(client: Client, driver: User, name: str) -> None:
    path = reverse(f"identity:{name}")
    for answer in (client.get(path), client.post(path, {"first_name": "Eve"})):
        assert answer.status_code == 302
        assert answer.url.startswith(LOGIN)


def test_one_changes_only_ones_own_account(client: Client, driver: User, other_driver: User) -> None:
    client.force_login(driver)
    client.post("/accounts/", {"first_name": "Ann", "last_name": "Ampere", "language": "de", "id": other_driver.pk})
    driver.refresh_from_db()
    other_driver.refresh_from_db()
    assert (driver.first_name, driver.language) == ("Ann", "de")
    assert other_driver.first_name == ""


def test_an_account_page_cannot_grant_rights(client: Client, driver: User) -> None:
    client.force_login(driver)
    client.post("/accounts/", {"language": "en", "is_staff": "on", "is_superuser": "on"})
    driver.refresh_from_db()
    assert not driver.is_staff
    assert not driver.is_superuser


def test_the_chosen_language_stays_with_the_account(client: Client, driver: User) -> None:
    client.force_login(driver)
    client.post("/i18n/setlang/", {"language": "el", "next": "/accounts/"})
    driver.refresh_from_db()
    assert driver.language == "el"
    elsewhere = Client()
    log_in(elsewhere, "ann")
    assert elsewhere.get("/accounts/").headers["Content-Language"] == "el"


def test_an_unknown_language_is_not_stored(client: Client, driver: User) -> None:
    client.force_login(driver)
    client.post("/i18n/setlang/", {"language": "tlh", "next": "/accounts/"})
    driver.refresh_from_db()
    assert driver.language == "en"


def test_the_admin_has_no_door_of_its_own(client: Client, driver: User) -> None:
    assert client.get("/admin/login/").url.startswith(LOGIN)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_pages_for_everyone_open_and_carry_the_policy(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", answer.content.decode())


def test_two_accounts_cannot_share_an_address_in_another_case(driver: User) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("someone", "ANN@EXAMPLE.ORG")
