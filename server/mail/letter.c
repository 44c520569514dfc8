#include "server/mail/letter.h"

#include <stdio.h>

#include "media/base/buf.h"
#include "media/base/err.h"

enum { LETTER_MAX = 64 * 1024 };

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

static const char *when_text(const struct meeting *m, const char *zone, bool is_uk, struct arena *a) {
    static const char *const uk[] = {"січня", "лютого", "березня", "квітня", "травня",    "червня",
                                     "липня", "серпня", "вересня", "жовтня", "листопада", "грудня"};
    static const char *const en[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
    if (!m->starts_at)
        return "";
    int64_t wall = zone_wall_s(zone, m->starts_at / 1000), day = wall / 86400;
    struct zone_date d = zone_date(day);
    int rest = (int)(wall - day * 86400);
    return arena_printf(a, "%d %s %d, %02d:%02d (%s)", d.day, is_uk ? uk[d.month - 1] : en[d.month - 1],
                        d.year, rest / 3600, rest / 60 % 60, zone);
}

static void put_html(struct buf *b, const char *z) {
    for (; *z; z++) {
        static const char special[] = "&<>\"'";
        static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
        const char *at = strchr(special, *z);
        if (at)
            buf_z(b, names[at - special]);
        else
            buf_put(b, z, 1);
    }
}

static void put_text(struct buf *b, const struct letter_about *x, const struct words *w, const char *when,
                     bool is_uk) {
    if (x->to->name[0])
        buf_printf(b, is_uk ? "Вітаємо, %s!\n\n" : "Hello %s,\n\n", x->to->name);
    buf_printf(b, "%s\n\n%s\n%s\n%s: %s\n\n%s\n\n", w->lead, x->event->title, when,
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
    buf_printf(b, "<p>%s</p><p><strong>", w->lead);
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
    const struct words *w = is_uk ? &k->uk : &k->en;
    const char *when = when_text(x->event, x->zone, is_uk, a);
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
