"""The blog: the page that lists the posts, and the posts with their tags and links."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from blog import listing
from blog.fields import INTRO_FEATURES, picture_field, site_today
from blog.models.authors import Author
from home.blocks import BodyBlock


class BlogIndexPage(Page):
    intro = RichTextField(
        _("introduction"),
        blank=True,
        features=INTRO_FEATURES,
        help_text=_("One or two sentences above the list of posts."),
    )

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    search_fields = [*Page.search_fields, index.SearchField("intro")]
    page_description = _("Lists the blog posts below it, newest first, and filters them by tag.")
    parent_page_types = ["home.HomePage"]
    subpage_types = ["blog.BlogPage"]

    class Meta:
        verbose_name = _("blog index page")
        verbose_name_plural = _("blog index pages")

    def posts(self) -> Any:
        posts = BlogPage.objects.child_of(self).live().public()
        return posts.select_related("hero_image", "author").order_by("-date", "-pk")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        posts, slug = self.posts(), request.GET.get("tag", "")
        tags = listing.tags_of(posts)
        chosen = listing.with_tag(posts, slug)
        return context | {
            "tags": tags,
            "tag": tags.filter(slug=slug).first() if slug else None,
            "posts": listing.page_of(chosen, request, listing.POSTS_PER_PAGE),
        }


class BlogPageTag(TaggedItemBase):
    content_object = ParentalKey(
        "blog.BlogPage", on_delete=models.CASCADE, related_name="tagged_items"
    )


class BlogPage(Page):
    date = models.DateField(
        _("date"), default=site_today, help_text=_("The date printed on the post; sorts the list.")
    )
    intro = models.TextField(
        _("introduction"),
        blank=True,
        max_length=300,
        help_text=_("Plain text that makes somebody open the post, at most 300 characters."),
    )
    hero_image = picture_field(_("Above the post and on its card. Landscape format works best."))
    author = models.ForeignKey(
        Author,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The person or team that signs the post."),
    )
    tags = ClusterTaggableManager(
        through=BlogPageTag,
        blank=True,
        help_text=_("Two to four topics, in lower case. Prefer tags that exist already."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("body"),
        help_text=_("The post itself. Do not repeat the title or the introduction."),
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("intro"),
        FieldRowPanel([FieldPanel("date"), FieldPanel("author")]),
        FieldPanel("hero_image"),
        FieldPanel("body"),
        FieldPanel("tags"),
        InlinePanel(
            "related_links",
            heading=_("Related links"),
            label=_("Related link"),
            help_text=_("Where a reader can go next; up to three."),
            max_num=3,
        ),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("intro"),
        index.SearchField("body"),
        index.FilterField("date"),
        index.RelatedFields("tags", [index.SearchField("name"), index.FilterField("slug")]),
    ]
    page_description = _("A dated post with a picture, an author and tags.")
    parent_page_types = ["blog.BlogIndexPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("blog post")
        verbose_name_plural = _("blog posts")


class BlogPageRelatedLink(Orderable):
    post = ParentalKey(BlogPage, on_delete=models.CASCADE, related_name="related_links")
    title = models.CharField(
        _("title"), max_length=120, help_text=_("What the visitor finds behind the link.")
    )
    url = models.URLField(
        _("address"), blank=True, help_text=_("Another site's full address, or choose a page.")
    )
    page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("page"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("A page of this site, or fill in the address."),
    )

    panels = [FieldPanel("title"), FieldPanel("page"), FieldPanel("url")]

    class Meta(Orderable.Meta):
        verbose_name = _("related link")
        verbose_name_plural = _("related links")

    def clean(self) -> None:
        super().clean()
        if bool(self.page_id) == bool(self.url):
            raise ValidationError(_("Choose either a page or an address, exactly one of them."))
