/* log — logfmt lines to stderr; arguments are not evaluated when the level is off. Never log secrets,
 * tickets, passwords, SDP or chat text; never log on the packet path (count instead). Thread: any. */
#ifndef LOG_H
#define LOG_H

enum log_level { LOG_LV_ERROR, LOG_LV_WARN, LOG_LV_INFO, LOG_LV_DEBUG };
extern enum log_level log_level;
void log_line(enum log_level level, const char *file, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define LOG_AT(lv, ...)                                                                                      \
    do {                                                                                                     \
        if ((lv) <= log_level)                                                                               \
            log_line((lv), __FILE__, __VA_ARGS__);                                                           \
    } while (0)
#define LOG_ERROR(...) LOG_AT(LOG_LV_ERROR, __VA_ARGS__)
#define LOG_WARN(...) LOG_AT(LOG_LV_WARN, __VA_ARGS__)
#define LOG_INFO(...) LOG_AT(LOG_LV_INFO, __VA_ARGS__)
#define LOG_DEBUG(...) LOG_AT(LOG_LV_DEBUG, __VA_ARGS__)

#endif
