#!/usr/bin/env python3
"""Runs ProcessOut's own Python SDK (PyPI `processout` 10.0.1), unmodified, against a running tokendesk-sandbox.

The sandbox's JSON line comes as the first argument or on standard input. Prints one line for each check that
fails and "N passed, N failed" at the end; exit code 0 only when nothing failed.

The sandbox must run with its default switches; the checks change some through the control endpoint and put
them back.
"""

import base64
import json
import os
import sys
import time
import urllib.request

# The sandbox is on this computer, whatever stands between it and others.
os.environ["NO_PROXY"] = "127.0.0.1"

import processout  # noqa: E402
from processout.errors.authenticationerror import AuthenticationError  # noqa: E402
from processout.errors.genericerror import GenericError  # noqa: E402
from processout.errors.notfounderror import NotFoundError  # noqa: E402
from processout.errors.validationerror import ValidationError  # noqa: E402

passed = 0
failed = 0


def check(name, condition):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}", flush=True)


def refuses(name, kind, code, call):
    try:
        call()
    except Exception as error:  # the wrong class is the finding
        told = getattr(error, "code", None)
        check(f"{name}: got {type(error).__name__} {told}", isinstance(error, kind) and told == code)
        return
    check(f"{name}: nothing was raised", False)


def main():
    line = sys.argv[1] if len(sys.argv) > 1 else sys.stdin.readline()
    place = json.loads(line)
    here = place["processout"]

    def control(path, body):
        address = f"{place['control']}/systems/processout/{path}"
        request = urllib.request.Request(address, data=json.dumps(body).encode())
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def connected(project=here["project"], secret=here["secret"]):
        client = processout.ProcessOut(project, secret)
        client.host = here["host"]
        return client

    client = connected()

    # Customers, walked by cursor: a list tells nothing but its rows.
    seen, options = [], {"limit": 100}
    while True:
        page = client.new_customer().all(options)
        seen += [customer.id for customer in page]
        if len(page) < 100:
            break
        options = {"limit": 100, "start_after": page[-1].id}
    check("walking the list meets each customer once", len(seen) == len(set(seen)) == 300)
    check("the default page has ten rows", len(client.new_customer().all()) == 10)
    before = client.new_customer().all({"limit": 3, "end_before": seen[10]})
    check("end_before shows the rows just before", [c.id for c in before] == seen[7:10])

    # Create with every key the SDK knows, unset ones as null.
    made = client.new_customer({"email": "sdk.check@example.org", "first_name": "Ann_Lee", "currency": "EUR"}).create()
    check("a created customer has an id", made.id.startswith("cust_"))
    check("names are cleaned", made.first_name == "Ann Lee")
    read = client.new_customer().find(made.id)
    check("what was made is read", read.email == "sdk.check@example.org" and read.currency == "EUR")
    read.city = "Bern"
    read.save()
    again = client.new_customer().find(made.id)
    check("an update keeps what it sends as null", again.city == "Bern" and again.email == "sdk.check@example.org")
    expanded = client.new_customer().find(made.id, {"expand": ["tokens", "default_token"]})
    check("an expanded customer without tokens has an empty list", expanded.tokens == [])
    refuses(
        "a bad email is refused",
        ValidationError,
        "request.validation.invalid-email",
        lambda: client.new_customer({"email": "nobody"}).create(),
    )
    refuses(
        "an unknown customer",
        NotFoundError,
        "resource.customer.not-found",
        lambda: client.new_customer().find("cust_never"),
    )

    # Cards and tokens.
    def card(number):
        # The SDK drops the id of a card it creates; the list of cards has it.
        client.new_card_create_request({"number": number, "exp_month": "11", "exp_year": "2031"}).create()
        return client.new_card().all({"limit": 1})[0].id

    def token(**options):
        return client.new_token().create({"customer_id": made.id, **options})[0]

    one = card("4242424242424242")
    saved = token(source=one, metadata={"shop": "north"})
    check("a saved card can be charged", saved.type == "card" and saved.is_chargeable is True)
    check("it was not verified", saved.verification_status == "not-requested")
    check("it shows its card", saved.card.last_4_digits == "4242" and saved.card.exp_year == 2031)
    refuses(
        "a card serves once",
        ValidationError,
        "request.source.card-already-used",
        lambda: token(source=one),
    )
    refuses("an unpublished number", ValidationError, "card.invalid-number", lambda: card("4111111111111111"))
    verified = token(source=card("5555555555554444"), verify=True)
    check("a verified card says so", verified.verification_status == "success")
    refuses(
        "a denied card",
        GenericError,
        "card.declined",
        lambda: token(source=card("4000000000000002"), verify=True),
    )
    asked = token(source=card("4000000000000101"), verify=True)
    check("its holder has something to do", asked.customer_action.type == "redirect")
    request = {"method": "GET", "url": "https://shop.example.com/back?answer=passed", "headers": {}, "body": ""}
    came_back = "gway_req_" + base64.b64encode(json.dumps(request).encode()).decode()
    check("and comes back", asked.save({"source": came_back}) is True)
    check("verified", client.new_token().find(made.id, asked.id).verification_status == "success")
    empty = token(verify=True)
    check("a token without a source waits for it", empty.type == "pending" and empty.verification_status == "pending")

    listed = client.new_token().fetch_customer_tokens(made.id, {"limit": 100})
    check("all tokens are listed, newest first", [t.id for t in listed][0] == empty.id and len(listed) == 5)
    check("a list shows no cards", all(t.card is None for t in listed))
    with_cards = client.new_token().fetch_customer_tokens(made.id, {"limit": 100, "expand": ["card"]})
    check("unless they are expanded", with_cards[-1].card.last_4_digits == "4242")
    check("metadata comes back", listed[-1].metadata == {"shop": "north"})
    check("the default moves", saved.save({"set_default": True}) is True)
    check("and the customer knows", client.new_customer().find(made.id).default_token_id == saved.id)

    # Delete.
    check("a token is deleted", saved.delete() is True)
    refuses(
        "and gone",
        NotFoundError,
        "resource.token.not-found",
        lambda: client.new_token().find(made.id, saved.id),
    )
    check("a customer is deleted", made.delete() is True)
    refuses(
        "with the tokens",
        NotFoundError,
        "resource.customer.not-found",
        lambda: client.new_token().fetch_customer_tokens(made.id),
    )

    # Events.
    events = client.new_event().all({"limit": 100})
    check("the newest event is the deletion", events[0].name == "customer.deleted")
    check("an event is read by id", client.new_event().find(events[0].id).data["customer"]["id"] == made.id)

    # Keys.
    refuses(
        "a wrong key",
        AuthenticationError,
        "request.authentication.invalid",
        lambda: connected(secret="key_sandbox_wrong").new_customer().all(),
    )
    refuses(
        "a wrong project",
        AuthenticationError,
        "request.authentication.invalid-project-id",
        lambda: connected(project="test-proj_wrong").new_customer().all(),
    )
    control("switches", {"may_read_events": "off"})
    refuses(
        "a missing permission",
        GenericError,
        "request.authorization.missing-permission",
        lambda: client.new_event().all(),
    )
    control("switches", {"may_read_events": "on"})


if __name__ == "__main__":
    started = time.monotonic()
    try:
        main()
    except Exception as error:  # whatever stops the checks is a failure too; its text may hold a body
        step = error.__traceback__.tb_next
        at = f"line {step.tb_lineno}" if step else "the start"
        check(f"the checks stopped at {at}: {type(error).__name__}", False)
    print(f"ProcessOut SDK: {passed} passed, {failed} failed ({time.monotonic() - started:.1f} s)")
    sys.exit(1 if failed else 0)
