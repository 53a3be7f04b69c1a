#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ring.h"

#define RING_MIN 16u
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct ring {
    unsigned char *data;
    size_t size;
    size_t head; /* where the next byte is written */
    size_t used;
};

static const struct {
    int code;
    const char *text;
} messages[] = {
    { 0, "no error" },
    { ENOMEM, "out of memory" },
    { EINVAL, "invalid size" },
};

/* Returns a ring for at least `size` bytes, or NULL with errno set. */
struct ring *ring_new(size_t size)
{
    if (size == 0 || size > SIZE_MAX / 2) {
        errno = EINVAL;
        return NULL;
    }
    struct ring *ring = calloc(1, sizeof(*ring));
    if (ring == NULL)
        return NULL;
    ring->size = RING_MIN;
    while (ring->size < size)
        ring->size *= 2;
    ring->data = malloc(ring->size);
    if (ring->data == NULL) {
        free(ring);
        return NULL;
    }
    return ring;
}

void ring_free(struct ring *ring)
{
    if (ring == NULL)
        return;
    free(ring->data);
    free(ring);
}

bool ring_put(struct ring *ring, const void *bytes, size_t count)
{
    const unsigned char *from = bytes;
    if (count > ring->size - ring->used)
        return false;
    for (size_t i = 0; i < count; i++) {
        ring->data[ring->head] = from[i];
        ring->head = (ring->head + 1) & (ring->size - 1);
    }
    ring->used += count;
    return true;
}

size_t ring_get(struct ring *ring, void *bytes, size_t count)
{
    unsigned char *to = bytes;
    size_t tail = (ring->head - ring->used) & (ring->size - 1);
    if (count > ring->used) {
        count = ring->used;
    }
    for (size_t i = 0; i < count; i++) {
        to[i] = ring->data[(tail + i) & (ring->size - 1)];
    }
    ring->used -= count;
    return count;
}

const char *ring_error(int code)
{
    for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
        if (messages[i].code == code)
            return messages[i].text;
    }
    return "unknown error";
}

void ring_dump(const struct ring *ring, FILE *out)
{
    fprintf(out, "ring of %zu bytes (%zu used)\n", ring->size, ring->used);
    switch (ring->used) {
    case 0:
        fputs("  empty\n", out);
        break;
    case 1:
        fputs("  one byte\n", out);
        break;
    default:
        fprintf(out, "  next at %zu\n", ring->head);
    }
}
