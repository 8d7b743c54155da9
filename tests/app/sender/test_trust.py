"""Messages go to nobody but whoever has a certificate for the endpoint's name."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.sender import trusted_roots
from django_aws_api_gateway_websockets.messaging.sender.trusted_roots import (
    AMAZON_ROOTS,
    context_with,
)
from tests.app.sender.broadcasts import (
    names,
    outcomes,
    recipients_of,
    send,
    send_one,
    send_to,
)
from tests.app.sender.scripted_server import taking_all

SENT = {Outcome.SENT}
REFUSED = "the certificate is not trusted: "


@pytest.fixture
def trusted_by_the_system(monkeypatch, bundle):
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", str(bundle.parent / "none"))
    context_with.cache_clear()
    yield
    context_with.cache_clear()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_a_name_and_an_address_can_be_trusted(serve, sender, context, trusted, name):
    server = serve(
        taking_all, context=context, host="::1" if "[" in name else "127.0.0.1"
    )

    assert outcomes(send_to(sender, server.url_as(name), names(100))) == SENT

    assert {asked.headers["host"] for asked in server.asked} == {
        f"{name}:{server.port}"
    }


def test_an_endpoint_that_nobody_has_signed_for_gets_nothing(
    serve, sender, context_of, trusted
):
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(stranger)
    server = serve(taking_all, context=stranger)

    deliveries = send_to(sender, server.url, names(500))

    assert {delivery.is_transient for delivery in deliveries.values()} == {False}
    [reason] = {delivery.reason for delivery in deliveries.values()}
    assert reason.startswith(REFUSED)
    assert "unable to get local issuer certificate" in reason
    assert server.asked == []
    assert server.accepted == 1


def test_nor_one_with_the_certificate_of_another_name(
    serve, sender, context_of, trusted
):
    server = serve(taking_all, context=context_of("socket.example"))

    for name in ("localhost", "127.0.0.1"):
        reason = send_one(sender, server.url_as(name)).reason

        assert reason.startswith(REFUSED)
        assert "mismatch" in reason
    assert server.asked == []


def test_nor_one_whose_certificate_has_expired(serve, sender, context_of, trusted):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    server = serve(taking_all, context=context_of("127.0.0.1", not_after=yesterday))

    reason = send_one(sender, server.url).reason

    assert reason == f"{REFUSED}certificate has expired"
    assert server.asked == []


def test_nor_one_that_is_trusted_by_the_system_but_not_by_the_bundle(
    serve, sender, context, trusted_by_the_system, monkeypatch
):
    server = serve(taking_all, context=context)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(AMAZON_ROOTS))

    assert send_one(sender, server.url).reason.startswith(REFUSED)
    assert server.asked == []


def test_whom_the_system_trusts_is_trusted_at_the_second_look(
    serve, sender, context, trusted_by_the_system
):
    server = serve(taking_all, context=context)

    assert outcomes(send_to(sender, server.url, names(300))) == SENT
    first = server.accepted
    sender.close()
    assert outcomes(send_to(sender, server.url, names(10))) == SENT

    # One was refused, and that is remembered.
    assert len(server.asked) == 310
    assert server.accepted - first <= 2


def test_also_by_stages_and_threads_that_look_at_the_same_time(
    serve, sender, context, trusted_by_the_system
):
    server = serve(taking_all, context=context)
    urls = [server.url, f"{server.url}-too", f"{server.url}-and-this"]
    recipients = [
        recipient
        for number, url in enumerate(urls)
        for recipient in recipients_of(url, [f"client-{number}="])
    ]

    with ThreadPoolExecutor(8) as threads:
        for deliveries in threads.map(lambda _: send(sender, recipients), range(8)):
            assert outcomes(deliveries) == SENT


def test_whom_nobody_trusts_is_refused_at_the_second_look(
    serve, sender, context, monkeypatch
):
    server = serve(taking_all, context=context)

    for _ in range(2):
        deliveries = send_to(sender, server.url, names(5))

        [reason] = {delivery.reason for delivery in deliveries.values()}
        assert reason.startswith(REFUSED)
    assert server.accepted == 3
    assert server.asked == []


def test_a_bad_certificate_keeps_nobody_from_others(
    serve, sender, context, context_of, trusted
):
    bad = serve(taking_all, context=context_of("socket.example"))
    good = serve(taking_all, context=context)

    deliveries = send(
        sender,
        [*recipients_of(bad.url, ["alice="]), *recipients_of(good.url, names(200))],
    )

    assert deliveries.pop("alice=").outcome is Outcome.FAILED
    assert outcomes(deliveries) == SENT


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_bundle_that_cannot_be_read_keeps_nobody_from_others(
    serve, sender, context, monkeypatch, tmp_path, content
):
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(path))
    secure, plain = serve(taking_all, context=context), serve(taking_all)

    deliveries = send(
        sender,
        [*recipients_of(secure.url, ["alice="]), *recipients_of(plain.url, names(50))],
    )

    assert deliveries.pop("alice=").reason.startswith("AWS_CA_BUNDLE cannot be read: ")
    assert outcomes(deliveries) == SENT


def test_amazons_roots_are_five():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(AMAZON_ROOTS)

    certificates = context.get_ca_certs()

    assert sorted(
        dict(sum(each["subject"], ()))["commonName"] for each in certificates
    ) == [
        "Amazon Root CA 1",
        "Amazon Root CA 2",
        "Amazon Root CA 3",
        "Amazon Root CA 4",
        "Starfield Services Root Certificate Authority - G2",
    ]
    for each in certificates:
        assert (
            ssl.cert_time_to_seconds(each["notAfter"])
            > datetime(2030, 1, 1, tzinfo=UTC).timestamp()
        )


@pytest.mark.parametrize("bundle_of", ["amazon", "system"])
def test_certificates_and_names_are_always_checked(bundle_of):
    roots = trusted_roots.TrustedRoots()
    if bundle_of == "system":
        roots.of_others.add("socket.example")

    context = roots.context_for("socket.example")

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
