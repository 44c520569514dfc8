#include "server/catalogue/recdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/fd.h"
#include "media/base/log.h"
#include "media/base/map.h"
#include "media/base/mem.h"
#include "server/catalogue/amend.h"
#include "server/catalogue/roomlog.h"
#include "server/rooms/channels.h"
#include "server/rooms/names.h"
#include "server/store/datadir.h"

enum {
    PATH_MAX_BYTES = DATADIR_PATH_MAX + 160,
    RETRACTED_MAX = 100000,
    LINE_MAX_BYTES = 65536,
    TOLD_MAX = 1000, /* speakers and hosts of one event; past that they are numbers, too */
    CHAT_MAX = RECDIR_TIMELINE_MAX / 16 * 15 /* the rest is for what the player cannot do without */
};

enum kept { KEPT_LESSON, KEPT_ROOM };
static const struct {
    const char *wire;
    enum kept kept;
} events[EV_COUNT] = {
#define X(name, wire, fields, optional, audience, kept) {wire, KEPT_##kept},
#include "server/rooms/events.def"
#undef X
};

/* What a message was changed into: only that is in the lesson. */
struct edit {
    uint64_t seq;
    char *text;
};
struct retracted {
    uint64_t *seq;
    size_t n;
    struct edit *edits; /* in order of making */
    size_t edit_n;
    uint64_t whole_n, whole_at; /* the last whole of the notes: its newest update, and its own line */
};
struct writer {
    const struct retracted *gone;
    struct amends amends; /* of captions */
    struct buf text;
    size_t left_out;  /* lines */
    bool hides;       /* names of attendees, from here on (server/rooms/names.h) */
    struct smap told; /* whose name is told all the same: hosts, co-hosts, speakers */
};

static int path_of(const char *data_dir, const char *id, const char *file, char dst[PATH_MAX_BYTES]) {
    char dir[DATADIR_PATH_MAX + 64];
    int err = datadir_rec(data_dir, id, dir);
    if (!err)
        snprintf(dst, PATH_MAX_BYTES, "%s/%.64s", dir, file);
    return err;
}

static bool mentions(struct str json, struct str what) {
    return memmem(json.p, json.n, what.p, what.n) != NULL;
}

static void retract(struct retracted *gone, uint64_t seq) {
    if (gone->n == RETRACTED_MAX)
        return;
    gone->seq = mem_realloc(gone->seq, (gone->n + 1) * sizeof *gone->seq);
    gone->seq[gone->n++] = seq;
}

static void restore(struct retracted *gone, uint64_t seq) {
    for (size_t i = 0; i < gone->n; i++)
        if (gone->seq[i] == seq)
            gone->seq[i--] = gone->seq[--gone->n];
}

static void edit(struct retracted *gone, uint64_t seq, struct str text) {
    if (gone->edit_n == RETRACTED_MAX)
        return;
    gone->edits = mem_realloc(gone->edits, (gone->edit_n + 1) * sizeof *gone->edits);
    gone->edits[gone->edit_n++] = (struct edit){seq, mem_strndup(text.p, text.n)};
}

static const char *edited(const struct retracted *gone, uint64_t seq) {
    for (size_t i = gone->edit_n; i-- > 0;)
        if (gone->edits[i].seq == seq)
            return gone->edits[i].text;
    return NULL;
}

static void supersede(struct retracted *gone, uint64_t at, uint64_t n) {
    if (n <= gone->whole_n)
        return;
    gone->whole_n = n;
    gone->whole_at = at;
}

static bool is_superseded(const struct retracted *gone, struct str type, uint64_t seq) {
    return (str_is(type, "note") && seq <= gone->whole_n) ||
           (str_is(type, "note_whole") && seq != gone->whole_at);
}

/* A message that was deleted or changed; a question that was set aside, and not taken up again; what of the
 * notes has come into a later whole. */
static int find_retracted(void *ctx, const struct roomlog_line *l) {
    struct json *j = NULL;
    struct str type = {"", 0}, state = {"", 0}, text = {"", 0};
    int64_t n = 0;
    if ((!mentions(l->json, STR("\"unchat\"")) && !mentions(l->json, STR("\"ask_state\"")) &&
         !mentions(l->json, STR("\"chat_edit\"")) && !mentions(l->json, STR("\"note_whole\""))) ||
        json_parse(&j, l->json) < 0)
        return 0;
    (void)json_get_str(j, "type", &type);
    (void)json_get_str(j, "state", &state);
    (void)json_get_str(j, "text", &text);
    (void)json_get_int(j, "n", &n);
    if (str_is(type, "unchat") || (str_is(type, "ask_state") && str_is(state, "dismissed")))
        retract(ctx, (uint64_t)n);
    else if (str_is(type, "chat_edit"))
        edit(ctx, (uint64_t)n, text);
    else if (str_is(type, "ask_state"))
        restore(ctx, (uint64_t)n);
    else if (str_is(type, "note_whole"))
        supersede(ctx, l->seq, (uint64_t)n);
    json_free(j);
    return 0;
}

static int by_seq(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static bool is_retracted(const struct retracted *gone, uint64_t seq) {
    return gone->n && bsearch(&seq, gone->seq, gone->n, sizeof seq, by_seq);
}

/* However much was written, a lesson has its timeline: what is too much is left out, chat first. */
static void put_line(struct writer *w, struct str line, bool is_chat) {
    if (w->text.n + line.n + 1 > (is_chat ? CHAT_MAX : RECDIR_TIMELINE_MAX)) {
        w->left_out++;
        return;
    }
    buf_str(&w->text, line);
    buf_put(&w->text, "\n", 1);
}

static void note_names(struct writer *w, struct str type, const struct json *j) {
    struct str who = {"", 0}, role = {"", 0};
    if (str_is(type, "names_hidden"))
        (void)json_get_bool(j, "on", &w->hides);
    if (!json_get_str(j, "who", &who) || !who.n || !json_get_str(j, "role", &role))
        return;
    if (str_is(role, "attendee"))
        (void)smap_drop(&w->told, who);
    else
        (void)smap_put(&w->told, who, w);
}

/* False: this line is full of names. */
static bool veil(const struct writer *w, enum event_type type, struct json *j, bool *is_changed) {
    struct str name = {"", 0}, by = {"", 0}, who = {"", 0};
    struct event e = {.type = type};
    char number[ROOM_NAME_MAX + 1] = "№";
    if (!w->hides || type == EV_SCORES)
        return !w->hides;
    (void)json_get_str(j, "by", &by);
    (void)json_get_str(j, "who", &who);
    (void)STR_COPY(e.by, by);
    (void)STR_COPY(e.who, who);
    const char *id = names_subject(NULL, &e);
    if (!id || !json_get_str(j, "name", &name) || !name.n || smap_get(&w->told, str_of(id)))
        return true;
    if (id[0])
        names_number(id, number);
    json_set_z(j, "name", number);
    *is_changed = true;
    return true;
}

static enum event_type type_of(struct str wire) {
    size_t i = 0;
    while (i < EV_COUNT && !str_is(wire, events[i].wire))
        i++;
    return (enum event_type)i;
}

static int write_line(void *ctx, const struct roomlog_line *l) {
    struct writer *w = ctx;
    struct json *j = NULL;
    struct str type = {"", 0};
    if (json_parse(&j, l->json) < 0)
        return 0;
    int64_t n = 0;
    (void)json_get_str(j, "type", &type);
    (void)json_get_int(j, "n", &n); /* what is said of a line that is gone is gone, too */
    enum event_type of = type_of(type);
    bool show = of < EV_COUNT && events[of].kept == KEPT_LESSON, is_chat = of == EV_CHAT;
    const char *now = is_chat            ? edited(w->gone, l->seq)
                      : of == EV_CAPTION ? amend_of(&w->amends, l->seq)
                                         : NULL;
    bool is_changed = now != NULL;
    struct buf b;
    note_names(w, type, j);
    show = show && veil(w, of, j, &is_changed) && !(of == EV_CAPTION && now && !now[0]);
    buf_init(&b, LINE_MAX_BYTES);
    if (now)
        json_set_z(j, "text", now);
    if (is_changed)
        json_write(j, &b);
    if (show && !is_retracted(w->gone, l->seq) && !is_retracted(w->gone, (uint64_t)n) &&
        !is_superseded(w->gone, type, l->seq))
        put_line(w, is_changed ? buf_view(&b) : l->json, is_chat);
    buf_fini(&b);
    json_free(j);
    return 0;
}

static int replace_file(const char *path, struct str text) {
    char tmp[PATH_MAX_BYTES + 8];
    snprintf(tmp, sizeof tmp, "%s.part", path);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -ERR_IO;
    bool ok = !fd_write_all(fd, (struct bytes){(const uint8_t *)text.p, text.n}) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (ok && rename(tmp, path) == 0)
        return 0;
    LOG_ERROR("cannot write path=%s errno=%d", path, errno);
    unlink(tmp);
    return -ERR_IO;
}

int recdir_timeline(struct store *s, const char *data_dir, const char *id) {
    char path[PATH_MAX_BYTES], dir[DATADIR_PATH_MAX + 64];
    int err = path_of(data_dir, id, RECDIR_TIMELINE, path);
    if (err)
        return err;
    (void)datadir_rec(data_dir, id, dir);
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return -ERR_IO;
    struct retracted gone = {0};
    struct writer w = {.gone = &gone};
    buf_init(&w.text, RECDIR_TIMELINE_MAX);
    smap_init(&w.told, TOLD_MAX);
    err = roomlog_read(s, id, 0, find_retracted, &gone);
    if (!err)
        err = amend_typed(s, id, &w.amends);
    if (gone.n)
        qsort(gone.seq, gone.n, sizeof *gone.seq, by_seq);
    if (!err)
        err = roomlog_read(s, id, 0, write_line, &w);
    if (w.left_out)
        LOG_WARN("timeline is full, lines left out room=%s lines=%zu", id, w.left_out);
    if (!err)
        err = replace_file(path, buf_view(&w.text));
    buf_fini(&w.text);
    smap_fini(&w.told);
    amend_free(&w.amends);
    mem_free(gone.seq);
    for (size_t i = 0; i < gone.edit_n; i++)
        mem_free(gone.edits[i].text);
    mem_free(gone.edits);
    return err;
}

int recdir_replace(const char *data_dir, const char *id, const char *file, struct str text) {
    char path[PATH_MAX_BYTES];
    int err = path_of(data_dir, id, file, path);
    return err ? err : replace_file(path, text);
}

char *recdir_read(const char *data_dir, const char *id, const char *file, size_t *n) {
    char path[PATH_MAX_BYTES];
    struct stat st;
    *n = 0;
    if (path_of(data_dir, id, file, path) < 0)
        return NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return NULL;
    char *text = NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= RECDIR_FILE_MAX) {
        text = mem_zalloc((size_t)st.st_size + 1);
        for (ssize_t got; (got = read(fd, text + *n, (size_t)st.st_size - *n)) > 0;)
            *n += (size_t)got;
    }
    close(fd);
    return text;
}

int64_t recdir_size(const char *data_dir, const char *id, const char *file) {
    char path[PATH_MAX_BYTES];
    struct stat st;
    if (path_of(data_dir, id, file, path) < 0 || lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return -1;
    return st.st_size;
}

static bool lang_of(char out[RECDIR_LANG_MAX + 1], struct str file) {
    struct str head = STR("audio-"), end = STR(".m3u8");
    if (file.n <= head.n + end.n || !str_starts(file, head) ||
        memcmp(file.p + file.n - end.n, end.p, end.n) != 0)
        return false;
    struct str lang = {file.p + head.n, file.n - head.n - end.n};
    return channel_lang_ok(lang) && str_copy(out, RECDIR_LANG_MAX + 1, lang);
}

static int by_code(const void *a, const void *b) { return strcmp(a, b); }

unsigned recdir_langs(const char *data_dir, const char *id, char out[RECDIR_LANGS_MAX][RECDIR_LANG_MAX + 1]) {
    char dir[DATADIR_PATH_MAX + 64];
    unsigned n = 0;
    DIR *d = datadir_rec(data_dir, id, dir) < 0 ? NULL : opendir(dir);
    for (struct dirent *e; d && n < RECDIR_LANGS_MAX && (e = readdir(d));)
        n += lang_of(out[n], str_of(e->d_name));
    if (d)
        closedir(d);
    qsort(out, n, sizeof out[0], by_code);
    return n;
}

/* A line opens a take, or closes the one it names. */
static void merge_take(struct json *takes, const struct json *line) {
    int64_t take = 0, v = 0, known = 0;
    if (!json_get_int(line, "take", &take))
        return;
    struct json *t = NULL;
    for (size_t i = 0; i < json_len(takes); i++)
        if (json_get_int(json_at(takes, i), "take", &known) && known == take)
            t = json_at(takes, i);
    if (!t) {
        if (json_len(takes) >= RECDIR_TAKES_MAX)
            return;
        t = json_object();
        json_set_int(t, "take", take);
        json_set_bool(t, "gap", false);
        json_add(takes, t);
    }
    static const char *const numbers[] = {"base_ms", "end_ms", "wall_ms"};
    for (size_t i = 0; i < countof(numbers); i++)
        if (json_get_int(line, numbers[i], &v))
            json_set_int(t, numbers[i], v);
    bool gap = false;
    if (json_get_bool(line, "gap", &gap) && gap)
        json_set_bool(t, "gap", true);
}

struct json *recdir_takes(const char *data_dir, const char *id) {
    struct json *takes = json_array();
    size_t n = 0;
    char *text = recdir_read(data_dir, id, "takes.jsonl", &n);
    struct str rest = {text, n}, line;
    while (text && str_line(&rest, &line)) {
        struct json *j = NULL;
        if (json_parse(&j, line) < 0)
            continue; /* the last line may be torn */
        merge_take(takes, j);
        json_free(j);
    }
    mem_free(text);
    return takes;
}

/* What is in a directory, and in directories in it to the given depth: one in which an MP4 was being made. */
static void empty(int fd, const char *name, int depth) {
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return;
    }
    for (struct dirent *e; (e = readdir(d));) {
        if (str_is(str_of(e->d_name), ".") || str_is(str_of(e->d_name), ".."))
            continue;
        int in = depth ? openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        if (in >= 0)
            empty(in, e->d_name, depth - 1);
        if (unlinkat(dirfd(d), e->d_name, in >= 0 ? AT_REMOVEDIR : 0) < 0)
            LOG_WARN("cannot delete dir=%s file=%s errno=%d", name, e->d_name, errno);
    }
    closedir(d);
}

int recdir_remove(const char *data_dir, const char *id) {
    char dir[DATADIR_PATH_MAX + 64];
    int err = datadir_rec(data_dir, id, dir);
    if (err)
        return err;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -ERR_IO;
    empty(fd, dir, 1);
    return rmdir(dir) == 0 ? 0 : -ERR_IO;
}
