/* Counts the allocations of the merges. The linker replaces the functions of the C library by the
 * __wrap_ functions in allocations.c (see the Makefile). */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

/* Whether the present call of a function that may fail must fail. Each test program defines it. */
int call_must_fail(void);

/* The number of allocations that are not freed yet. */
long unfreed_allocations(void);

/* The number of allocations that have failed so far. */
long failed_allocations(void);

#endif
