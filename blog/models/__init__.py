from blog.models.authors import Author
from blog.models.events import Attendance, EventIndexPage, EventPage
from blog.models.posts import BlogIndexPage, BlogPage, BlogPageRelatedLink, BlogPageTag

# Not empty, because Django looks for an app's models here.
__all__ = [
    "Attendance",
    "Author",
    "BlogIndexPage",
    "BlogPage",
    "BlogPageRelatedLink",
    "BlogPageTag",
    "EventIndexPage",
    "EventPage",
]
