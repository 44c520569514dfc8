/* commands — the verbs of somhub-pipe, one process each. Exit status 0 is success; otherwise an "error" line
 * has said why in words. stdout carries JSON lines, stderr the log. Every line is an object with a "type".
 *
 * record DIR: fd 3 is a SOCK_SEQPACKET with the messages of media/base/frame.h; stdin carries lines.
 *   stdin   start {wall_ms, clock_us, segment_ms, part_ms} once: the take begins at the moment that is
 * wall_ms in Unix time and clock_us in the frames' monotonic time (both: now, when absent); "virtual": true
 * for tests track {track, source: camera|mic|screen|screen_audio, codec: h264|vp8|opus, member}, untrack
 * {track} program {track}, screen {track}: what is shown; 0 = nothing stop {final}: closes the take, and with
 * final the recording; EOF and SIGTERM: stop without final ping {id}; tick {now_us} (only "virtual") stdout
 * recovered {duration_ms}: a take torn by a crash was repaired; then ready; started {take, base_ms}: the
 *           take's number and the media time at which it begins (behind everything that is on disk);
 *           progress {duration_ms, bytes} each second; rendition {name: "screen", offset_ms}; pong {id};
 *           warning {text}; error {text}; ended {duration_ms, final}
 * recover DIR: recovered {duration_ms} if there was something to do, ended {duration_ms, final: false}
 * finish DIR: recovers, ends the playlists, writes manifest.json: ended {duration_ms, final: true}.
 * Idempotent. mp4 DIR OUT: progress {percent}, done {duration_ms}. poster DIR OUT: done. Both write OUT.part
 * and rename. Thread: main.
 * check: an error line for each thing that is missing on this machine. demo DIR: a short recording out of
 * nothing, finished: ended {duration_ms}. */
#ifndef COMMANDS_H
#define COMMANDS_H

int command_check(void);
int command_demo(const char *dir);
int command_record(const char *dir);
int command_recover(const char *dir);
int command_finish(const char *dir);
int command_mp4(const char *dir, const char *out);
int command_poster(const char *dir, const char *out);

#endif
