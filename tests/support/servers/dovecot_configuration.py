"""The configuration file of tests/support/servers/dovecot.py (reference/mail.md, 2)."""

import getpass
import grp
import os
from pathlib import Path

ZOHO_CAPABILITY = (
    "IMAP4rev1 UNSELECT CHILDREN XLIST NAMESPACE IDLE MOVE ID SASL-IR UIDPLUS ESEARCH LIST-EXTENDED"
    " LIST-STATUS WITHIN LITERAL- ACL CONDSTORE"
)
"""Dovecot adds AUTH=PLAIN before the login (reference/mail.md, 2)."""

_FOLDERS = {"Drafts": "\\Drafts", "Sent": "\\Sent", "Spam": "\\Junk", "Trash": "\\Trash", "Templates": ""}

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
protocols = imap
listen = 127.0.0.1
log_path = {folder}/log
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/certificate.pem
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = {fsync}
mail_max_userip_connections = {most_connections}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users/%u
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}}}
service imap-login {{
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
{rootless_login}}}
service imap {{
  process_limit = 200
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
{rootless_anvil}}}
service stats {{
  chroot =
}}
imap_capability = {capability}
{rootless}"""


def configuration(
    *,
    folder: Path,
    uid: int,
    gid: int,
    port: int,
    plain_port: int,
    capability: str,
    most_connections: int,
    fsync: str,
) -> str:
    """Write Dovecot's configuration for the present user, root or not."""
    is_root = os.geteuid() == 0
    me, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
    mailboxes = "".join(
        f"  mailbox {name} {{\n    auto = create\n{f'    special_use = {use}' if use else ''}\n  }}\n"
        for name, use in _FOLDERS.items()
    )
    unprivileged = (
        f"default_login_user = {me}\ndefault_internal_user = {me}\ndefault_internal_group = {group}\n"
    )
    return _CONFIGURATION.format(
        folder=folder,
        uid=uid,
        gid=gid,
        port=port,
        plain_port=plain_port,
        mailboxes=mailboxes,
        capability=capability,
        most_connections=most_connections,
        fsync=fsync,
        rootless="" if is_root else unprivileged,
        rootless_login="" if is_root else "  chroot =\n",
        rootless_anvil="" if is_root else "  chroot =\n",
    )
