"""What all pages have in common: foreign posts are refused, and what is refused or breaks is told as a page."""

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from grid_config.client import GridError
from processing_units.edge.problems import Problem
from web.origin import is_ours
from web.page import Visit, shown
from web.problems import sentence

RETRY_AFTER = "retry-after"
PASSING = frozenset({429, 500, 503})  # what may go well a moment later
Endpoint = Callable[[Request], Awaitable[Response]]
logger = logging.getLogger(__name__)


def page(endpoint: Endpoint) -> Endpoint:
    """An endpoint whose refusals are pages. A post that another site caused does not come through."""

    @functools.wraps(endpoint)
    async def wrapped(request: Request) -> Response:
        if request.method == "POST" and not is_ours(request):
            return problem_page(request, Problem("forbidden"))
        try:
            return await endpoint(request)
        except Problem as problem:
            return problem_page(request, problem)
        except GridError as error:
            logger.warning("page_unavailable", extra={"data": {"path": request.url.path[:200], "why": repr(error)[:200]}})
            return problem_page(request, Problem("unavailable"))
        except Exception:
            logger.exception("page_failed", extra={"data": {"path": request.url.path[:200]}})
            return problem_page(request, Problem("internal"))

    return wrapped


def problem_page(request: Request, problem: Problem) -> Response:
    """A page that says why not. It leads back to where a GET may go: to the list."""
    visit = Visit.of(request, None if request.method == "GET" else "/", None if request.method == "GET" else "/")
    say = visit.say
    if problem.code == "forbidden":
        text = say.gettext("This form came from another site. Nothing was done; open the page here and try again.")
    else:
        text = sentence(problem, say)
    again = visit.address if request.method == "GET" and problem.status in PASSING else ""
    return refused(request, "problem.html", visit, problem, text=text, is_absent=problem.status == 404, again=again)


def refused(request: Request, template: str, visit: Visit, problem: Problem, **told: Any) -> Response:
    """A page with the status of a refusal."""
    return with_retry(shown(request, template, visit, problem.status, **told), problem)


def with_retry(response: Response, problem: Problem) -> Response:
    """The answer, saying when to try again where that is known."""
    if RETRY_AFTER in problem.headers:
        response.headers[RETRY_AFTER] = problem.headers[RETRY_AFTER]
    return response
