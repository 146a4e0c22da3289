#!/usr/bin/env python3
"""Runs the vendor's own Python SDK (PyPI `wallee` 6.x), unmodified, against a running tokendesk-sandbox.

The sandbox's JSON line comes as the first argument or on standard input. Prints one line for each check that
fails and "N passed, N failed" at the end; exit code 0 only when nothing failed.

The sandbox must run with its default switches; the checks change some through the control endpoint and put
them back. Over https the sandbox's own authority is trusted.
"""

import json
import sys
import tempfile
import time
import urllib.request
import uuid

from wallee import Configuration
from wallee.exceptions import (
    ApiException,
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
    UnprocessableEntityException,
)
from wallee.models import TokenCreate, TokenUpdate
from wallee.service.token_versions_service import TokenVersionsService
from wallee.service.tokens_service import TokensService
from wallee.service.transactions_service import TransactionsService

passed = 0
failed = 0


def check(name, condition):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}", flush=True)


def refuses(name, kind, call):
    try:
        call()
    except kind as error:
        check(name, True)
        return error
    except Exception as error:  # the wrong class is the finding
        check(f"{name}: got {type(error).__name__}", False)
        return error
    check(f"{name}: nothing was raised", False)
    return None


class Control:
    """The sandbox's control endpoint."""

    def __init__(self, address):
        self.address = address

    def ask(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/{path}", data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def switch(self, **values):
        self.ask("switches", values)


def main():
    line = sys.argv[1] if len(sys.argv) > 1 else sys.stdin.readline()
    place = json.loads(line)
    wallee = place["wallee"]
    space = int(wallee["space"])
    control = Control(place["control"])

    def configured(user_id=wallee["user"], key=wallee["key"]):
        config = Configuration(user_id=user_id, authentication_key=key, host=wallee["host"] + "/api/v2.0")
        if "ca_pem" in place:
            authority = tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False)
            authority.write(place["ca_pem"])
            authority.close()
            config.ssl_ca_cert = authority.name
        return config

    tokens = TokensService(configured())
    versions = TokenVersionsService(configured())
    known = control.ask("ids")

    # List: the whole space, each token once, rising ids.
    seen, after, pages = [], None, 0
    while True:
        page = tokens.get_payment_tokens(space=space, limit=100, after=after, order="ASC")
        seen += [token.id for token in page.data]
        pages += 1
        if not page.has_more:
            break
        after = page.data[-1].id
    check("walking the list meets each token once", seen == known)
    check("the walk needed several pages", pages == -(-len(known) // 100))
    newest = tokens.get_payment_tokens(space=space, limit=3, order="DESC")
    check("a descending list begins at the end", [t.id for t in newest.data] == known[:-4:-1])
    check("the default page has ten rows", len(tokens.get_payment_tokens(space=space).data) == 10)
    before = tokens.get_payment_tokens(space=space, limit=2, before=known[5], order="ASC")
    check("before shows the rows next to the bound", [t.id for t in before.data] == known[3:5])

    # Token versions, collapsed and filled.
    seen, after, filled = set(), None, True
    while True:
        page = versions.get_payment_token_versions(
            space=space, limit=100, after=after, order="ASC", expand=["token", "paymentMethodBrand"]
        )
        seen |= {version.token.id for version in page.data}
        filled = filled and all(v.token.state is not None for v in page.data)
        if not page.has_more:
            break
        after = page.data[-1].id
    check("expanded tokens carry a state", filled)
    check("versions belong to known tokens", seen <= set(known))
    bare = versions.get_payment_token_versions(space=space, limit=5).data[0]
    check("collapsed tokens carry only an id", bare.token.id and bare.token.state is None)
    read = versions.get_payment_token_versions_id(
        space=space, id=bare.id, expand=["paymentConnectorConfiguration.processorConfiguration", "paymentMethod"]
    )
    check("a version is read by id", read.id == bare.id)
    check("a dotted path fills both levels", read.payment_connector_configuration.processor_configuration.name)
    check("an expanded method has a name", "en-US" in read.payment_method.name)

    # Search.
    sample = next(t for t in control.ask("tokens?state=ACTIVE") if t["customerEmailAddress"] and t["customerId"])
    email, customer = sample["customerEmailAddress"], sample["customerId"]
    twins = {t["id"] for t in control.ask("tokens?email=" + urllib.request.quote(email))}

    def search(query, **more):
        return tokens.get_payment_tokens_search(space=space, query=query, limit=100, **more)

    def ids(query, **more):
        return [t.id for t in search(query, **more).data]

    check("search by email", set(ids(f'customerEmailAddress:"{email}"')) == twins)
    check("search by part of an email", sample["id"] in ids(f'customerEmailAddress:~"{email[2:]}"'))
    check("search by customer id and state", sample["id"] in ids(f"customerId:{customer} AND state:ACTIVE"))
    check("negation", sample["id"] not in ids(f"customerId:{customer} -id:{sample['id']}"))
    check("brackets and OR", ids(f"(id:{known[0]} OR id:{known[1]})") == known[:2])
    check("ranges", ids(f"id:>={known[0]} id:<{known[3]}") == known[:3])
    check("descending order", ids(f"id:<={known[3]}", order="id:DESC") == known[3::-1])
    check("null", all(t.customer_id is None for t in search("customerId:*").data))
    check("an offset skips", ids("", offset=5)[:3] == known[5:8])
    found = versions.get_payment_token_versions_search(space=space, query=f"token.id:{sample['id']} AND state:ACTIVE")
    check("versions of a token by dotted path", all(v.token.id == sample["id"] for v in found.data))
    refuses("an unknown field is refused", BadRequestException, lambda: search("nonsense:1"))

    # Create, with the nonce repeated.
    nonce = str(uuid.uuid4())
    wish = TokenCreate(
        external_id=nonce,
        customer_id="SDK-1",
        customer_email_address="sdk.check@example.org",
        token_reference="SDK-REF",
        enabled_for_one_click_payment=True,
    )
    made = tokens.post_payment_tokens(space=space, token_create=wish)
    check("a created token is active at version 1", made.state.value == "ACTIVE" and made.version == 1)
    again = tokens.post_payment_tokens(space=space, token_create=wish)
    check("the same nonce gives the first object", again.id == made.id)
    check("the new token comes after all others", made.id > known[-1])

    # Read and update with the optimistic lock.
    check("read", tokens.get_payment_tokens_id(space=space, id=made.id).customer_id == "SDK-1")

    def update(version, **fields):
        return tokens.patch_payment_tokens_id(
            space=space, id=made.id, token_update=TokenUpdate(version=version, **fields)
        )

    changed = update(1, enabled_for_one_click_payment=False)
    check("an update raises the version", changed.version == 2 and changed.enabled_for_one_click_payment is False)
    check("other fields stay", changed.customer_email_address == "sdk.check@example.org")
    conflict = refuses("an old version is refused", ConflictException, lambda: update(1, language="de-CH"))
    check("the refusal carries an error object", getattr(conflict, "data", None) is not None)
    control.ask("edit", {"id": made.id, "oneClick": True})
    refuses("an edit by somebody else raises the version", ConflictException, lambda: update(2, language="de-CH"))
    check("the server's truth shows it", control.ask(f"token/{made.id}")["version"] == 3)

    # Active version.
    refuses(
        "a shell has no active version",
        NotFoundException,
        lambda: tokens.get_payment_tokens_id_active_version(space=space, id=made.id),
    )
    control.ask("edit", {"id": made.id, "newVersion": {"brand": "Visa", "last4": "1111", "expires": "2031-05"}})
    active = tokens.get_payment_tokens_id_active_version(space=space, id=made.id, expand=["paymentMethodBrand"])
    check("an active version tells its card", active.name == "Visa •••• 1111")
    check("and its brand", active.payment_method_brand.name["en-US"] == "Visa")
    check("and its expiry", (active.expires_on.year, active.expires_on.month) == (2031, 5))
    check("and its environment", active.environment.value == "TEST")

    # New card details: a transaction for the token, its page, and the buyer's card.
    transactions = TransactionsService(configured())
    asked = tokens.post_payment_tokens_id_create_transaction_for_token_update(space=space, id=made.id)
    check("a transaction for new details names its token", asked.token.id == made.id and asked.state.value == "PENDING")
    for body in ["text", "json"]:
        control.switch(page_url_body=body)
        page = transactions.get_payment_transactions_id_payment_page_url(space=space, id=asked.id)
        check(f"the page's address as {body}", page.startswith("http") and f"/{asked.id}?" in page)
    control.switch(page_url_body="text")
    control.ask("systems/wallee/edit", {"entered": asked.id, "card": {"brand": "Mastercard", "last4": "4444"}})
    renewed = tokens.get_payment_tokens_id_active_version(space=space, id=made.id)
    check("the card entered is the active version", renewed.id != active.id and renewed.name.endswith("4444"))

    # Delete, step by step.
    control.switch(deleting_ms=3_600_000, purge_ms=3_600_000)
    tokens.delete_payment_tokens_id(space=space, id=made.id)
    leaving = tokens.get_payment_tokens_id(space=space, id=made.id)
    check("a deleted token is first DELETING", leaving.state.value == "DELETING")
    check("its purge is planned", leaving.planned_purge_date is not None)
    refuses(
        "a token being deleted is not changed",
        UnprocessableEntityException,
        lambda: update(leaving.version, language="de-CH"),
    )
    control.switch(deleting_ms=0)
    check("then DELETED", tokens.get_payment_tokens_id(space=space, id=made.id).state.value == "DELETED")
    control.switch(purge_ms=0)
    refuses("then gone", NotFoundException, lambda: tokens.get_payment_tokens_id(space=space, id=made.id))
    control.switch(deleting_ms=3_000, purge_ms=60_000)

    # Who may what.
    wrong_key = TokensService(configured(key="A" * 43 + "="))
    refuses("a wrong key", UnauthorizedException, lambda: wrong_key.get_payment_tokens(space=space))
    by_number = TokensService(configured(user_id=int(wallee["user"])))
    check("a user id as a number", len(by_number.get_payment_tokens(space=space).data) == 10)
    refuses("another space", ForbiddenException, lambda: tokens.get_payment_tokens(space=space + 1))
    control.switch(clock_offset_seconds=600)
    refuses("a clock ten minutes off", UnauthorizedException, lambda: tokens.get_payment_tokens(space=space))
    control.switch(clock_offset_seconds=0, search_forbidden="on")
    refuses("a forbidden search", ForbiddenException, lambda: search("state:ACTIVE"))
    control.switch(search_forbidden="off")

    # Faults.
    control.ask("faults", [{"fault": {"kind": "too_many", "retry_after": 2}}])
    limited = refuses("too many requests", ApiException, lambda: tokens.get_payment_tokens(space=space))
    check("429 is told", getattr(limited, "status", None) == 429)
    control.ask("faults", [{"fault": {"kind": "status", "status": 502, "body": "html"}}])
    broken = refuses("a gateway's page", ApiException, lambda: tokens.get_payment_tokens(space=space))
    check("502 is told", getattr(broken, "status", None) == 502)
    control.ask("faults", method="DELETE")

    stats = control.ask("stats")
    check("the sandbox counted the updates", stats["by_kind"]["tokens.update"] >= 4)


if __name__ == "__main__":
    started = time.monotonic()
    try:
        main()
    except Exception as error:  # whatever stops the checks is a failure too; its text may hold a body
        place = error.__traceback__.tb_next
        at = f"line {place.tb_lineno}" if place else "the start"
        check(f"the checks stopped at {at}: {type(error).__name__}", False)
    print(f"wallee SDK: {passed} passed, {failed} failed ({time.monotonic() - started:.1f} s)")
    sys.exit(1 if failed else 0)
