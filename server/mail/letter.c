#include "server/mail/letter.h"

#include <stdio.h>

#include "media/base/buf.h"
#include "media/base/err.h"

enum { LETTER_MAX = 64 * 1024, DATES_SHOWN = 30 };

struct words {
    const char *subject, *lead;
};
static const struct kind {
    const char *name;
    struct words uk, en;
    bool has_event, is_reminder, is_cancel;
} kinds[] = {
    {"invitation",
     {"Запрошення", "Вас запрошують. За посиланням можна увійти, додати подію до календаря або відмовитися."},
     {"Invitation", "You are invited. By the link you can join, add the event to your calendar, or decline."},
     true,
     false,
     false},
    {"pending",
     {"Заявку отримано", "Ми отримали вашу заявку. Щойно її розглянуть, ви отримаєте ще один лист."},
     {"Your request is here", "We have your request. As soon as it is decided you get another letter."},
     false,
     false,
     false},
    {"waiting",
     {"Ви в списку очікування",
      "Вільних місць зараз немає. Щойно місце звільниться, воно стане вашим, і ви отримаєте лист."},
     {"You are on the waiting list",
      "There is no free place now. As soon as there is one it is yours, and you get a letter."},
     false,
     false,
     false},
    {"confirmation",
     {"Реєстрацію підтверджено", "Ви зареєстровані. Увійти можна за посиланням нижче, воно ваше особисте."},
     {"You are registered", "You have a place. Join by the link below, it is your own."},
     true,
     false,
     false},
    {"refusal",
     {"Реєстрацію не підтверджено", "На жаль, цього разу вашу участь не підтверджено."},
     {"Not this time", "Unfortunately you could not be given a place this time."},
     false,
     false,
     false},
    {"withdrawal",
     {"Участь скасовано", "Вашу реєстрацію скасовано. Зареєструватися знову можна на сторінці події."},
     {"Your place is given back",
      "Your registration is cancelled. You can register again on the event's page."},
     true,
     false,
     true},
    {"change",
     {"Новий час", "Час події змінено. Ваша реєстрація дійсна й далі."},
     {"New time", "The event has a new time. Your registration holds."},
     true,
     false,
     false},
    {"cancellation",
     {"Подію скасовано", "На жаль, ця подія не відбудеться."},
     {"Called off", "Unfortunately this event will not take place."},
     true,
     false,
     true},
    {"reminder_day",
     {"Завтра", "Нагадуємо: подія вже за добу."},
     {"Tomorrow", "A reminder: the event is a day away."},
     false,
     true,
     false},
    {"reminder_hour",
     {"За годину", "Нагадуємо: подія почнеться протягом години."},
     {"Within the hour", "A reminder: the event begins within the hour."},
     false,
     true,
     false},
};

/* What stands in the lead's place to who is registered for a whole series. */
static const struct {
    const char *name, *uk, *en;
} leads_of_many[] = {
    {"confirmation",
     "Ви зареєстровані на всю серію. Увійти на кожну подію можна за посиланням нижче, воно ваше особисте.",
     "You have a place in the whole series. Join each time by the link below, it is your own."},
    {"change", "Час подій серії змінено; нижче вказано, коли вони тепер. Ваша реєстрація дійсна й далі.",
     "Times of the series have changed; below is when it is now. Your registration holds."},
    {"cancellation", "На жаль, ці події серії не відбудуться.",
     "Unfortunately these events of the series will not take place."},
    {"withdrawal", "Вашу участь у цих подіях серії скасовано. Зареєструватися знову можна на сторінці події.",
     "Your place in these events of the series is given back. You can register again on the event's page."},
};

static const char *when_text(int64_t at_ms, const char *zone, bool is_uk, struct arena *a) {
    static const char *const uk[] = {"січня", "лютого", "березня", "квітня", "травня",    "червня",
                                     "липня", "серпня", "вересня", "жовтня", "листопада", "грудня"};
    static const char *const en[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
    if (!at_ms)
        return "";
    int64_t wall = zone_wall_s(zone, at_ms / 1000), day = wall / 86400;
    struct zone_date d = zone_date(day);
    int rest = (int)(wall - day * 86400);
    return arena_printf(a, "%d %s %d, %02d:%02d (%s)", d.day, is_uk ? uk[d.month - 1] : en[d.month - 1],
                        d.year, rest / 3600, rest / 60 % 60, zone);
}

/* Of a series: a calling-off names what he had and is off, a refusal what he is refused, a withdrawal what
 * was given back, any other letter what he has or waits for. */
static bool speaks_of(const struct kind *k, const struct pass_date *d, int64_t now_ms) {
    bool is_refused = d->state == REG_REFUSED, is_back = d->state == REG_CANCELLED;
    if (d->over || d->starts_at + d->duration_min * 60000 < now_ms)
        return false;
    if (!strcmp(k->name, "cancellation"))
        return d->cancelled && !is_refused && !is_back;
    if (d->cancelled)
        return false;
    return !strcmp(k->name, "refusal") ? is_refused : k->is_cancel ? is_back : !is_refused && !is_back;
}

/* One line a date; who has no place there is told so. */
static const char *dates_text(const struct letter_about *x, const struct kind *k, bool is_uk,
                              struct arena *a) {
    size_t n = 0, more = 0;
    struct buf b;
    buf_init(&b, LETTER_MAX);
    for (size_t i = 0; i < x->pass->n; i++) {
        const struct pass_date *d = &x->pass->v[i];
        if (!speaks_of(k, d, x->now_ms))
            continue;
        if (n == DATES_SHOWN) {
            more++;
            continue;
        }
        const char *when = when_text(d->starts_at, x->zone, is_uk, a);
        buf_printf(&b, "%s%s%s", n++ ? "\n" : "", when ? when : "",
                   d->cancelled || d->state != REG_WAITING ? ""
                   : is_uk                                 ? ": ви в черзі"
                                                           : ": you are on the waiting list");
    }
    if (more)
        buf_printf(&b, is_uk ? "\nі ще: %zu" : "\nand %zu more", more);
    const char *text = b.over ? NULL : arena_str(a, buf_view(&b));
    buf_fini(&b);
    return text;
}

static void put_html(struct buf *b, const char *z) {
    for (; *z; z++) {
        static const char special[] = "&<>\"'";
        static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
        const char *at = strchr(special, *z);
        if (at)
            buf_z(b, names[at - special]);
        else if (*z == '\n')
            buf_z(b, "<br>");
        else
            buf_put(b, z, 1);
    }
}

/* An invitation to interpret names the languages. */
static const char *lead_of_interpreter(const struct registration *to, bool is_uk, struct arena *a) {
    struct str rest = str_of(to->langs), one;
    struct buf b;
    buf_init(&b, SIGNUP_LANGS_MAX + CHANNELS_EACH * 2);
    while (str_until(&rest, '\n', &one))
        buf_printf(&b, "%s" STR_FMT, b.n ? ", " : "", STR_ARG(one));
    const char *langs = b.over ? NULL : arena_str(a, buf_view(&b));
    buf_fini(&b);
    return !langs ? NULL
                  : arena_printf(
                        a,
                        is_uk ? "Вас запрошують перекладати цю подію (мови: %s). За посиланням ви увійдете "
                                "як перекладач: пульт і канал уже будуть готові."
                              : "You are invited to interpret this event (languages: %s). By the link you "
                                "enter as an interpreter: console and channel are ready for you.",
                        langs);
}

static const char *lead_of(const struct letter_about *x, const struct words *w, bool is_uk) {
    for (size_t i = 0; x->pass && i < countof(leads_of_many); i++)
        if (!strcmp(leads_of_many[i].name, x->kind))
            return is_uk ? leads_of_many[i].uk : leads_of_many[i].en;
    return w->lead;
}

static void put_text(struct buf *b, const struct letter_about *x, const struct words *w, const char *when,
                     bool is_uk) {
    if (x->to->name[0])
        buf_printf(b, is_uk ? "Вітаємо, %s!\n\n" : "Hello %s,\n\n", x->to->name);
    buf_printf(b, "%s\n\n%s\n%s\n%s: %s\n\n%s\n\n", lead_of(x, w, is_uk), x->event->title, when,
               is_uk ? "Ведучий" : "Host", x->event->host_name, x->url);
    buf_printf(
        b,
        is_uk
            ? "--\n%s\nЛист надійшов, бо цю адресу вказали під час реєстрації. Скасувати участь чи вимкнути "
              "нагадування можна за посиланням вище.\n"
            : "--\n%s\nYou get this because the address was given at registration. By the link above you can "
              "cancel or switch reminders off.\n",
        x->site);
}

static void put_page(struct buf *b, const struct letter_about *x, const struct words *w, const char *when,
                     bool is_uk) {
    buf_printf(b, "<!doctype html><html lang=\"%s\"><body style=\"font:16px/1.5 sans-serif;color:#1c1e24\">",
               is_uk ? "uk" : "en");
    if (x->to->name[0]) {
        buf_z(b, is_uk ? "<p>Вітаємо, " : "<p>Hello ");
        put_html(b, x->to->name);
        buf_z(b, is_uk ? "!</p>" : ",</p>");
    }
    buf_printf(b, "<p>%s</p><p><strong>", lead_of(x, w, is_uk));
    put_html(b, x->event->title);
    buf_z(b, "</strong><br>");
    put_html(b, when);
    buf_printf(b, "<br>%s: ", is_uk ? "Ведучий" : "Host");
    put_html(b, x->event->host_name);
    buf_z(b, "</p><p><a href=\"");
    put_html(b, x->url);
    buf_z(b, "\">");
    put_html(b, x->url);
    buf_printf(b, "</a></p><p style=\"color:#565a66;font-size:14px\">%s</p></body></html>\n",
               is_uk ? "Лист надійшов, бо цю адресу вказали під час реєстрації. Скасувати участь чи вимкнути "
                       "нагадування "
                       "можна за посиланням."
                     : "You get this because the address was given at registration. By the link you can "
                       "cancel or switch "
                       "reminders off.");
}

static char *taken(struct buf *b, struct arena *a) {
    char *text = b->over ? NULL : arena_str(a, buf_view(b));
    buf_fini(b);
    return text;
}

int letter_write(struct letter *out, const struct letter_about *x, struct arena *a) {
    const struct kind *k = NULL;
    bool is_uk = strcmp(x->to->lang, "en") != 0;
    for (size_t i = 0; i < countof(kinds); i++)
        if (!strcmp(kinds[i].name, x->kind))
            k = &kinds[i];
    if (!k)
        return -ERR_UNSUPPORTED;
    struct words own = is_uk ? k->uk : k->en, *w = &own;
    if (x->to->langs[0] && !strcmp(k->name, "invitation"))
        own.lead = lead_of_interpreter(x->to, is_uk, a);
    if (!own.lead)
        return -ERR_FULL;
    const char *when = x->pass && !k->is_reminder ? dates_text(x, k, is_uk, a)
                                                  : when_text(x->event->starts_at, x->zone, is_uk, a);
    if (!when)
        return -ERR_FULL;
    struct buf text, html;
    buf_init(&text, LETTER_MAX);
    buf_init(&html, LETTER_MAX);
    put_text(&text, x, w, when, is_uk);
    put_page(&html, x, w, when, is_uk);
    *out = (struct letter){.subject = arena_printf(a, "%s: %s", w->subject, x->event->title),
                           .text = taken(&text, a),
                           .html = taken(&html, a),
                           .has_event = k->has_event && x->event->starts_at,
                           .is_reminder = k->is_reminder,
                           .is_cancel = k->is_cancel};
    return out->subject && out->text && out->html ? 0 : -ERR_FULL;
}
