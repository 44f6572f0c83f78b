#ifndef NEURON_KERNELS_H
#define NEURON_KERNELS_H
#endif
