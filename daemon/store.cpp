#include "core/block.h"
