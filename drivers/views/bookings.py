"""Reservations: history, filters, cancel."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from drivers.forms.bookings import BookingFilter
from drivers.services import booking
from drivers.views.access import back, driver_required

_PAGE = 20


@driver_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The driver's own reservations; the filters live in the address."""
    form = BookingFilter(request.GET, driver=request.user)
    page = Paginator(form.filtered(booking.history(request.user)), _PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "is_filtered": form.is_active, "section": "bookings"}
    return render(request, "drivers/bookings.html", context)


@driver_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives a reservation back."""
    reservation = get_object_or_404(booking.history(request.user), pk=pk)
    if booking.cancel(reservation=reservation, now=timezone.now()):
        messages.success(request, _("Your reservation is cancelled."))
    else:
        messages.info(request, _("This reservation was not open any more."))
    return HttpResponseRedirect(back(request, default=reverse("drivers:bookings")))
