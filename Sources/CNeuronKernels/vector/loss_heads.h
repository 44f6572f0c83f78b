// Loss heads: loss, its gradient and the hits of half a panel while its outputs are in the first-level cache.

#include "../pointwise/loss_functions.h"

/// Half a panel: `active` samples of the minibatch from `first` on, where their values and gradient (or NULL) begin, and
/// the half's slot in the sums; for each lane its label and its weight, lanes without a sample having class 0.
typedef struct half_panel {
  size_t first, active, slot;
  float *values, *gradient;
  _Alignas(64) int32_t labels[NK_HALF_LANES];
  _Alignas(64) float weights[NK_HALF_LANES];
} half_panel;

static void open_half_panel(const nk_loss_head *h, size_t first, half_panel *p) {
  size_t offset = first / NK_LANES * NK_LANES * nk_panel_rows(h->outputs) + first % NK_LANES;
  p->first = first;
  p->active = smaller(NK_HALF_LANES, h->samples - first);
  p->slot = first / NK_HALF_LANES;
  p->values = h->values + offset;
  p->gradient = h->gradient ? h->gradient + offset : NULL;
  for (size_t lane = 0; lane < NK_HALF_LANES; lane++) {
    size_t row = h->indices[p->first + (lane < p->active ? lane : 0)];
    p->labels[lane] = h->labels && lane < p->active ? (int32_t)h->labels[row] : 0;
    p->weights[lane] = h->sample_weights ? h->sample_weights[row] : 1.0f;
    if (h->class_weights) p->weights[lane] *= h->class_weights[p->labels[lane]];
  }
}

/// How many samples have their largest value in the label's row (the first of equals counts), or a single value on the
/// label's side of the loss's threshold.
static uint32_t count_hits(const nk_loss_head *h, const half_panel *p) {
  uint32_t hits = 0;
  for (size_t i = 0; i < NK_HALF_LANES; i += VW) {
    vf best = v_load(p->values + i);
    vi best_class = v_integer_set(0);
    for (size_t c = 1; c < h->outputs; c++) {
      vf v = v_load(p->values + c * NK_LANES + i);
      vi larger = v > best;
      best = v_select(larger, v, best);
      best_class = v_select_integer(larger, v_integer_set((int32_t)c), best_class);
    }
    if (h->outputs == 1) best_class = v_select_integer(best > v_set(h->loss.threshold), v_integer_set(1), v_integer_set(0));
    vi hit = (best_class == *(const vi *)(p->labels + i)) & v_lanes_below(i, p->active);
    for (int lane = 0; lane < VW; lane++) hits += hit[lane] != 0;
  }
  return hits;
}

static double sum_lanes(const float *losses, const half_panel *p) {
  double sum = 0;
  for (size_t lane = 0; lane < p->active; lane++) sum += (double)losses[lane] * (double)p->weights[lane];
  return sum;
}

/// Targets of the outputs first ..< first + count, 16 at most, of a half panel's lanes: `tile[output − first][lane]`.
///
/// Rows are read whole lines at a time and turned round in registers; one output of all rows at a time would be as many
/// lines for each output.
static void load_target_rows(const nk_loss_head *h, const half_panel *p, size_t first, size_t count, float *tile) {
  _Alignas(64) float rows[NK_HALF_LANES * NK_HALF_LANES];
  const size_t width = nk_target_width(&h->loss, h->outputs);
  if (count < NK_HALF_LANES || p->active < NK_HALF_LANES) memset(rows, 0, sizeof rows);
  for (size_t lane = 0; lane < p->active; lane++) {
    const float *source = h->targets + h->indices[p->first + lane] * width + first;
    float *row = rows + lane * NK_HALF_LANES;
    if (count == NK_HALF_LANES)
      memcpy(row, source, NK_HALF_LANES * sizeof(float));
    else
      for (size_t o = 0; o < count; o++) row[o] = source[o];
  }
  for (size_t r = 0; r < NK_HALF_LANES; r += BLOCK)
    for (size_t c = 0; c < NK_HALF_LANES; c += BLOCK)
      transpose_block(rows + r * NK_HALF_LANES + c, NK_HALF_LANES, tile + c * NK_HALF_LANES + r, NK_HALF_LANES);
}

/// The same from labels: 1 for the label's output and 0 for the others, or the label itself where there is one output.
static void load_target_labels(const nk_loss_head *h, const half_panel *p, size_t first, size_t count, float *tile) {
  for (size_t o = 0; o < count; o++) {
    vi one = v_integer_set(h->outputs == 1 ? 1 : (int32_t)(first + o));
    for (size_t i = 0; i < NK_HALF_LANES; i += VW)
      v_store(tile + o * NK_HALF_LANES + i,
              v_select(*(const vi *)(p->labels + i) == one, v_set(1.0f), v_set(0.0f)));
  }
}

INLINE void load_target_tile(const nk_loss_head *h, const half_panel *p, size_t first, size_t count, float *tile) {
  if (h->targets)
    load_target_rows(h, p, first, count, tile);
  else
    load_target_labels(h, p, first, count, tile);
}

INLINE void store_gradient(const half_panel *p, size_t at, size_t lane, vf slope, vf scale) {
  if (p->gradient) v_store(p->gradient + at, v_select(v_lanes_below(lane, p->active), slope * scale, v_set(0.0f)));
}

// MARK: - Losses of each output by itself

#define ELEMENT_CASE(KIND, NAME, FACTOR, OUTPUT)                                                                       \
  case NK_LOSS_##KIND:                                                                                                 \
    for (size_t i = 0; i < NK_HALF_LANES; i += VW) {                                                                   \
      vf sum = v_load(losses + i);                                                                                     \
      const vf scale = v_set(FACTOR / (float)h->outputs * h->gradient_scale) * v_load(p->weights + i);                 \
      for (size_t o = 0; o < count; o++) {                                                                             \
        size_t at = (first + o) * NK_LANES + i;                                                                        \
        vf y = v_load(p->values + at), t = v_load(tile + o * NK_HALF_LANES + i);                                       \
        sum = NAME##_add(sum, y, t, a, b);                                                                             \
        store_gradient(p, at, i, NAME##_slope(y, t, a, b), scale);                                                     \
        if (!h->loss.keeps_values) v_store(p->values + at, OUTPUT(y));                                                 \
      }                                                                                                                \
      v_store(losses + i, sum);                                                                                        \
    }                                                                                                                  \
    break;

static void element_losses(const nk_loss_head *h, const half_panel *p, float *losses) {
  _Alignas(64) float tile[NK_HALF_LANES * NK_HALF_LANES];
  const vf a = v_set(h->loss.a), b = v_set(h->loss.b);
  memset(losses, 0, NK_HALF_LANES * sizeof *losses);
  for (size_t first = 0; first < h->outputs; first += NK_HALF_LANES) {
    const size_t count = smaller(NK_HALF_LANES, h->outputs - first);
    load_target_tile(h, p, first, count, tile);
    switch (h->loss.kind) {
      ELEMENT_LOSSES(ELEMENT_CASE)
    default:
      break;
    }
  }
}

static void gaussian_losses(const nk_loss_head *h, const half_panel *p, float *losses) {
  _Alignas(64) float tile[NK_HALF_LANES * NK_HALF_LANES];
  const size_t width = h->outputs / 2;
  memset(losses, 0, NK_HALF_LANES * sizeof *losses);
  for (size_t first = 0; first < width; first += NK_HALF_LANES) {
    const size_t count = smaller(NK_HALF_LANES, width - first);
    load_target_tile(h, p, first, count, tile);
    for (size_t i = 0; i < NK_HALF_LANES; i += VW) {
      vf sum = v_load(losses + i);
      const vf scale = v_set(1.0f / (float)width * h->gradient_scale) * v_load(p->weights + i);
      for (size_t o = 0; o < count; o++) {
        size_t at = (first + o) * NK_LANES + i, above = at + width * NK_LANES;
        vf mean = v_load(p->values + at), variance = v_load(p->values + above), t = v_load(tile + o * NK_HALF_LANES + i);
        sum = gaussian_nll_add(sum, mean, variance, t);
        store_gradient(p, at, i, gaussian_nll_mean_slope(mean, variance, t), scale);
        store_gradient(p, above, i, gaussian_nll_variance_slope(mean, variance, t), scale);
      }
      v_store(losses + i, sum);
    }
  }
}

// MARK: - Losses that join a sample's outputs

/// Runs a statement for every output `o` of register column `i` of the half panel, with its place `at` and its target `t`,
/// tile by tile; the state `s` of each column is kept between tiles.
#define FOR_OUTPUTS(...)                                                                                               \
  for (size_t first = 0; first < h->outputs; first += NK_HALF_LANES) {                                                 \
    const size_t count = smaller(NK_HALF_LANES, h->outputs - first);                                                   \
    load_target_tile(h, p, first, count, tile);                                                                        \
    for (size_t i = 0; i < NK_HALF_LANES; i += VW) {                                                                   \
      loss_state s = states[i / VW];                                                                                   \
      for (size_t o = first; o < first + count; o++) {                                                                 \
        const size_t at = o * NK_LANES + i;                                                                            \
        const vf t = v_load(tile + (o - first) * NK_HALF_LANES + i);                                                   \
        __VA_ARGS__                                                                                                    \
      }                                                                                                                \
      states[i / VW] = s;                                                                                              \
    }                                                                                                                  \
  }

#define SHIFTED(values) (v_load(values) - v_load(largest + i))
#define PLAIN(values) v_load(values)
#define OUTPUT_SHIFTED(s, y) probability(&s, y)
#define OUTPUT_PLAIN(s, y) (y)

#define JOINT_CASE(KIND, NAME, SHIFT)                                                                                  \
  case NK_LOSS_##KIND:                                                                                                 \
    FOR_OUTPUTS(NAME##_join(&s, SHIFT(p->values + at), t, (int32_t)o, a, b);)                                          \
    for (size_t i = 0; i < NK_HALF_LANES; i += VW) v_store(losses + i, NAME##_end(&states[i / VW], a));                \
    FOR_OUTPUTS({                                                                                                      \
      vf y = SHIFT(p->values + at), scale = v_set(h->gradient_scale) * v_load(p->weights + i);                         \
      store_gradient(p, at, i, NAME##_part(&s, y, t, (int32_t)o, a, b), scale);                                        \
      if (!h->loss.keeps_values) v_store(p->values + at, OUTPUT_##SHIFT(s, y));                                        \
    })                                                                                                                 \
    break;

static void joint_losses(const nk_loss_head *h, const half_panel *p, float *losses) {
  _Alignas(64) float tile[NK_HALF_LANES * NK_HALF_LANES], largest[NK_HALF_LANES];
  loss_state states[NK_HALF_LANES / VW];
  const vf a = v_set(h->loss.a), b = v_set(h->loss.b);
  for (size_t i = 0; i < NK_HALF_LANES; i += VW) {
    vf best = v_load(p->values + i);
    for (size_t o = 1; o < h->outputs; o++) {
      vf z = v_load(p->values + o * NK_LANES + i);
      best = v_select(z < best, best, z);
    }
    v_store(largest + i, best);
    states[i / VW] = loss_state_begun();
  }
  switch (h->loss.kind) {
    JOINT_LOSSES(JOINT_CASE)
  default:
    break;
  }
}

static void cross_entropy_of_labels(const nk_loss_head *h, const half_panel *p, float *losses) {
  for (size_t i = 0; i < NK_HALF_LANES; i += VW)
    v_store(losses + i, cross_entropy_column(h->outputs, h->loss.keeps_values, p->values + i,
                                             p->gradient ? p->gradient + i : NULL, *(const vi *)(p->labels + i),
                                             v_lanes_below(i, p->active),
                                             v_set(h->gradient_scale) * v_load(p->weights + i)));
}

static void loss_head(const nk_loss_head *h) {
  _Alignas(64) float losses[NK_HALF_LANES];
  const nk_loss_form form = nk_loss_form_of(h);
  half_panel p;
  for (size_t first = 0; first < h->samples; first += NK_HALF_LANES) {
    open_half_panel(h, first, &p);
    switch (form) {
    case NK_LOSS_OF_LABELS:
      cross_entropy_of_labels(h, &p, losses);
      break;
    case NK_LOSS_OF_ELEMENTS:
      element_losses(h, &p, losses);
      break;
    case NK_LOSS_OF_PAIRS:
      gaussian_losses(h, &p, losses);
      break;
    case NK_LOSS_JOINT:
      joint_losses(h, &p, losses);
      break;
    }
    h->loss_sums[p.slot] = sum_lanes(losses, &p) / nk_loss_divisor(h, form);
    h->correct_counts[p.slot] = h->labels ? count_hits(h, &p) : 0;
  }
}
