"""The events, and the page that lists them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from blog import listing
from blog.fields import INTRO_FEATURES, picture_field
from home.blocks import BodyBlock


class EventIndexPage(Page):
    intro = RichTextField(
        _("introduction"),
        blank=True,
        features=INTRO_FEATURES,
        help_text=_("One or two sentences above the list of events."),
    )

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    search_fields = [*Page.search_fields, index.SearchField("intro")]
    page_description = _("Lists the events below it: what is coming, then what is over.")
    parent_page_types = ["home.HomePage"]
    subpage_types = ["blog.EventPage"]

    class Meta:
        verbose_name = _("event index page")
        verbose_name_plural = _("event index pages")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        events = EventPage.objects.child_of(self).live().public().select_related("hero_image")
        now = timezone.now()
        return context | {
            "upcoming": listing.upcoming(events, now),
            "past": listing.page_of(
                listing.past(events, now), request, listing.PAST_EVENTS_PER_PAGE
            ),
        }


class Attendance(models.TextChoices):
    IN_PERSON = "in_person", _("In person")
    ONLINE = "online", _("Online")
    HYBRID = "hybrid", _("In person and online")


class EventPage(Page):
    start = models.DateTimeField(_("start"), help_text=_("In the site's time zone."))
    end = models.DateTimeField(
        _("end"),
        null=True,
        blank=True,
        help_text=_("Leave empty when it is open; otherwise not before the start."),
    )
    location = models.CharField(
        _("location"),
        max_length=160,
        blank=True,
        help_text=_("The meeting point, or the platform of an online event."),
    )
    attendance = models.CharField(
        _("attendance"),
        max_length=12,
        choices=Attendance.choices,
        default=Attendance.IN_PERSON,
        help_text=_("How people can take part."),
    )
    hero_image = picture_field(_("Above the event. Landscape format works best."))
    body = StreamField(
        BodyBlock(),
        verbose_name=_("body"),
        blank=True,
        help_text=_("What happens, for whom, and what to bring."),
    )

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("start"), FieldPanel("end")]),
                FieldRowPanel([FieldPanel("location"), FieldPanel("attendance")]),
            ],
            heading=_("When and where"),
        ),
        FieldPanel("hero_image"),
        FieldPanel("body"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("location"),
        index.SearchField("body"),
        index.FilterField("start"),
    ]
    page_description = _("Something that happens at a time and a place.")
    parent_page_types = ["blog.EventIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def clean(self) -> None:
        super().clean()
        if self.start and self.end and self.end < self.start:
            raise ValidationError({"end": _("The end is before the start.")})

    @property
    def is_past(self) -> bool:
        """Whether it is over; without an end, whether it has begun."""
        return (self.end or self.start) < timezone.now()
