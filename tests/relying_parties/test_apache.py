"""Debian's mod_auth_openidc: Apache signs a resident in, and learns over the back channel that they have left."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy.orm import Session

from identity.oidc.clients import Registration, register
from tests.conftest import missing
from tests.live.portal import Live
from tests.machine import APACHE_MODULES, has_apache
from tests.relying_parties.conftest import a_resident
from tests.servers import free_port

pytestmark = pytest.mark.slow
SECRET = "a-secret-of-forty-three-characters-or-so-it-is-said"
PATIENCE_SECONDS = 30
CONFIGURATION = """
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Mutex file:{folder} default
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule ssl_module {modules}/mod_ssl.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
{user}
DocumentRoot {folder}/pages
DirectoryIndex index.html
SSLEngine on
SSLCertificateFile {certificate}
SSLCertificateKeyFile {key}
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCCABundlePath {trust}
OIDCClientID {client_id}
OIDCClientSecret {secret}
OIDCRedirectURI https://localhost:{port}/redirect_uri
OIDCCryptoPassphrase a-passphrase-of-the-tests
OIDCScope "openid profile"
OIDCPKCEMethod S256
OIDCIDTokenSignedResponseAlg ES256
OIDCSessionType server-cache
OIDCInfoHook id_token userinfo
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
"""


@pytest.fixture
def service(live: Live, tmp_path: Path) -> Iterator[str]:
    """Apache in the foreground, with a page that only who signed in may see."""
    if not has_apache():
        missing("no Apache with mod_auth_openidc (apt install apache2 libapache2-mod-auth-openidc)")
    port = free_port()
    folder = Path(shutil.copytree(tmp_path, f"/var/tmp/apache-{port}"))
    (folder / "pages").mkdir()
    (folder / "pages" / "index.html").write_text("for signed-in people only")
    registered(live, f"apache-{port}", f"https://localhost:{port}")
    (folder / "apache.conf").write_text(configured(live, folder, port))
    for path in (folder, folder / "pages", folder / "pages" / "index.html"):
        path.chmod(0o755)
    running = subprocess.Popen(["/usr/sbin/apache2", "-X", "-f", str(folder / "apache.conf")])
    try:
        yield f"https://localhost:{port}"
    finally:
        running.terminate()
        running.wait(timeout=20)
        print((folder / "error.log").read_text()[-3000:])
        shutil.rmtree(folder, ignore_errors=True)


def configured(live: Live, folder: Path, port: int) -> str:
    pair = live.authority.server()
    return CONFIGURATION.format(
        folder=folder,
        port=port,
        modules=APACHE_MODULES,
        user="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
        certificate=pair.certificate,
        key=pair.key,
        issuer=live.issuer,
        trust=_readable(live, folder),
        client_id=f"apache-{port}",
        secret=SECRET,
    )


def _readable(live: Live, folder: Path) -> Path:
    """The authorities where the user of Apache may read them."""
    there = folder / "ca.pem"
    shutil.copyfile(live.trust, there)
    there.chmod(0o644)
    return there


def registered(live: Live, client_id: str, address: str) -> None:
    def work(db: Session, now: datetime) -> None:
        said = Registration(
            client_id=client_id,
            name={"en": "A service behind Apache"},
            redirect_uris=(f"{address}/redirect_uri",),
            scopes=("openid", "profile"),
            backchannel_logout_uri=f"{address}/redirect_uri?logout=backchannel",
            backchannel_logout_session_required=True,
        )
        register(db, said, now=now, secret=SECRET)

    live.arrange(work)


def wait_until_it_answers(session: requests.Session, service: str) -> requests.Response:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return session.get(service, allow_redirects=False, timeout=10)
        except requests.ConnectionError:
            assert time.monotonic() < end, "Apache does not answer"
            time.sleep(0.1)


def test_apache_signs_a_resident_in_and_hears_that_they_left(live: Live, service: str) -> None:
    resident = a_resident(live)
    sent = wait_until_it_answers(resident.session, service)
    assert sent.is_redirect and sent.headers["Location"].startswith(live.issuer), sent.text
    landing = resident.visit(sent.headers["Location"])
    assert landing.is_back, landing.text
    page = resident.session.get(landing.whole, timeout=20)
    assert page.status_code == 200 and page.text == "for signed-in people only", page.text
    known = resident.session.get(f"{service}/redirect_uri?info=json", timeout=20).json()
    assert known["userinfo"]["name"] == "NGUYỄN THỊ ÁNH NGUYỆT" and known["id_token"]["sid"]

    assert "confirm-logout" in resident.visit(f"{live.issuer}/oauth/end-session").shown
    end = time.monotonic() + PATIENCE_SECONDS
    while resident.session.get(service, allow_redirects=False, timeout=20).status_code == 200:
        assert time.monotonic() < end, "Apache was never told"
        time.sleep(0.2)
