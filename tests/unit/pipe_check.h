/* pipe_check — what ffmpeg and ffprobe say of a file or playlist: does every stream decode without a word,
 * how long is it, when does the picture flash and the sound beep. Paths are the test's own. Thread: one. */
#ifndef PIPE_CHECK_H
#define PIPE_CHECK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHECK_ONSETS_MAX = 8192, CHECK_HZ = 8000 };

struct check_onsets {
    double at_s[CHECK_ONSETS_MAX];
    size_t n;
};
bool check_decodes(const char *path); /* prints what ffmpeg complained of */
double check_duration_s(const char *path,
                        const char *stream); /* sum of packets' durations; stream "v:0", "a:0" */
void check_flashes(struct check_onsets *out, const char *path);
void check_beeps(struct check_onsets *out, const char *path);
/* The largest distance between a flash and its nearest beep, skipping flashes before from_s; -1 if there are
 * none. */
double check_sync_s(const struct check_onsets *flashes, const struct check_onsets *beeps, double from_s,
                    double *mean);
/* The sound, mono, CHECK_HZ samples a second; how many were read. */
size_t check_sound(int16_t *pcm, size_t cap, const char *path);
/* How loud this tone is in it, by Goertzel's filter: the amplitude of the sine. hz times n must be a multiple
 * of CHECK_HZ. */
double check_tone(const int16_t *pcm, size_t n, unsigned hz);
/* Lines of a text file that begin with `prefix`. */
size_t check_count_lines(const char *dir, const char *name, const char *prefix);
void check_tmp(char dir[64]);       /* a fresh directory */
void check_remove(const char *dir); /* and its files */
/* Waits (20 s at most) until the parts of the files that begin with `prefix` ("a1-") reach `until_s` of media
 * time: the disk has then what it would have had in real time. */
bool check_written(const char *dir, const char *prefix, double until_s);
/* The longest part of the files that begin with `prefix`, of one sample or several; 0: there is none. */
double check_longest_part_s(const char *dir, const char *prefix);
/* Walks a rendition's playlist and its segments: every file parses, runs' init segments are there, times go
 * on without holes (to 1 ms), no part of several samples is longer than a second, durations in the playlist
 * are true and within the target. Sets the end in seconds. */
bool check_rendition(const char *dir, int which, double *begin_s, double *end_s, size_t *runs);

#endif
