/* gcm: the published vectors, and that a context carries nothing from one text to the next. */
#include "media/base/gcm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void unhex(const char *text, uint8_t *out) {
    for (size_t i = 0; text[2 * i]; i++) {
        unsigned hi = (unsigned)(text[2 * i] <= '9' ? text[2 * i] - '0' : text[2 * i] - 'a' + 10);
        unsigned lo = (unsigned)(text[2 * i + 1] <= '9' ? text[2 * i + 1] - '0' : text[2 * i + 1] - 'a' + 10);
        out[i] = (uint8_t)(hi << 4 | lo);
    }
}

/* "The Galois/Counter Mode of Operation" (McGrew, Viega), appendix B, test cases 1, 2 and 4. */
static void published_vectors(void **state) {
    (void)state;
    static const struct {
        const char *key, *nonce, *aad, *text, *sealed, *tag;
    } rows[] = {
        {"00000000000000000000000000000000", "000000000000000000000000", "", "", "",
         "58e2fccefa7e3061367f1d57a4e7455a"},
        {"00000000000000000000000000000000", "000000000000000000000000", "",
         "00000000000000000000000000000000", "0388dace60b6a392f328c2b971b2fe78",
         "ab6e47d42cec13bdf53a67b21257bddf"},
        {"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
         "feedfacedeadbeeffeedfacedeadbeefabaddad2",
         "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16"
         "aedf5aa0de657"
         "ba637b39",
         "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba"
         "30b396a0aac97"
         "3d58e091",
         "5bc94fbc3221a5db94fae95ae7121a47"},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        uint8_t key[16], nonce[12], aad[32], text[64], want[64], want_tag[16], tag[16], want_text[64];
        size_t n = strlen(rows[i].text) / 2;
        unhex(rows[i].key, key);
        unhex(rows[i].nonce, nonce);
        unhex(rows[i].aad, aad);
        unhex(rows[i].sealed, want);
        unhex(rows[i].tag, want_tag);
        struct gcm g;
        gcm_init(&g, key);
        for (int again = 0; again < 2; again++) {
            unhex(rows[i].text, text);
            gcm_seal(&g, nonce, (struct bytes){aad, strlen(rows[i].aad) / 2}, text, n, tag);
            if (n)
                assert_memory_equal(text, want, n);
            assert_memory_equal(tag, want_tag, 16);
            tag[i] ^= 1;
            assert_false(gcm_unseal(&g, nonce, (struct bytes){aad, strlen(rows[i].aad) / 2}, text, n, tag));
            memcpy(text, want, n);
            assert_true(
                gcm_unseal(&g, nonce, (struct bytes){aad, strlen(rows[i].aad) / 2}, text, n, want_tag));
            unhex(rows[i].text, want_text);
            assert_memory_equal(text, want_text, n);
        }
        gcm_fini(&g);
    }
}

/* FIPS 197, appendix C.1. */
static void block(void **state) {
    (void)state;
    uint8_t key[16], in[16], want[16], out[16];
    unhex("000102030405060708090a0b0c0d0e0f", key);
    unhex("00112233445566778899aabbccddeeff", in);
    unhex("69c4e0d86a7b0430d8cdb78070b4c55a", want);
    gcm_block(key, in, out);
    assert_memory_equal(out, want, 16);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(published_vectors), cmocka_unit_test(block)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
