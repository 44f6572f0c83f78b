#include "neuron_kernels.h"
