"""`manage.py load_demo`: fill an empty database with the demo site."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from cms.demo import access, accounts, guidance, library, pages
from cms.demo.access import Access
from cms.demo.pictures import SITE
from cms.demo.tally import Tally


class Command(BaseCommand):
    help = (
        "Load the demo site: pages, pictures, documents, users and tokens. What is there already "
        "stays as it is, so that it can run at every start. Logins and tokens are printed and "
        "written to var/demo.json."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.VAR_DIR) / "demo.json"
        tally = Tally()
        access.close_to_others(connection)
        with transaction.atomic():
            made = self.load(access.kept(path), tally)
        access.keep(path, made)
        self.stdout.write(self.style.SUCCESS(str(tally)))
        self.stdout.write(access.instructions(made))
        self.stdout.write(f"\nAlso written to {path}")

    def load(self, known: dict[str, Any], tally: Tally) -> Access:
        known_passwords = {
            name: login["password"] for name, login in known.get("logins", {}).items()
        }
        teams = accounts.groups()
        users, passwords = accounts.users(known_passwords, tally)
        homes = library.collections(teams[accounts.MODERATORS], tally)
        builder = pages.Builder(
            users=users,
            authors=library.authors(tally),
            images=library.pictures(users["admin"], homes, tally),
            documents=library.documents(users["admin"], homes, tally),
            tally=tally,
        )
        home = pages.build(builder)
        pages.serve_at(settings.SITE_URL, home, settings.WAGTAIL_SITE_NAME, tally)
        sections = [builder.pages["blog"], builder.pages["events"]]
        accounts.grant(teams, sections, home, homes[SITE], tally)
        flow = accounts.workflow(home, teams[accounts.MODERATORS], tally)
        pages.submit(builder, flow)
        guidance.style_guide(tally)
        tokens = access.tokens(users, known.get("tokens", {}), tally)
        return Access(settings.SITE_URL, passwords, tokens)
