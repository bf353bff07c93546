/* The loops with the instructions that every processor of the architecture has. */
#define LOOPS loops_portable

#include "loop.h"
