// tgamma in double: libclc's is exp(lgamma), which loses hundreds of ULP. Lanczos' approximation
// with g = 607/128 and Godfrey's 15 coefficients (P. Godfrey, "A note on the computation of the
// convergent Lanczos complex Gamma approximation", 2001), and reflection below 1/2.
#include "builtins.h"
PURE double pow(double, double);
PURE double exp(double);
PURE double sinpi(double);

__constant double isobar_lanczos[15] = {
    0.99999999999999709182,    57.156235665862923517,     -59.597960355475491248,
    14.136097974741747174,     -0.49191381609762019978,   .33994649984811888699e-4,
    .46523628927048575665e-4,  -.98374475304879564677e-4, .15808870322491248884e-3,
    -.21026444172410488319e-3, .21743961811521264320e-3,  -.16431810653676389022e-3,
    .84418223983852743293e-4,  -.26190838401581408670e-4, .36899182659531625704e-5};

PURE double tgamma(double x) {
  const double pi = 3.14159265358979323846, root_2_pi = 2.50662827463100050242;
  const double down = __builtin_floor(x);
  if (x == 0.0) return __builtin_copysign((double)INFINITY, x);
  if (__builtin_fabs(x) < 0x1p-60) return 1.0 / x;
  if (x != x || x > 172.0) return x != x ? x : (double)INFINITY;
  if (x < 0.0 && down == x) return NAN;  // the poles, and -infinity
  if (x < -185.0) return __builtin_floor(down * 0.5) * 2.0 != down ? -0.0 : 0.0;
  // gamma(z + 1) = power * rest * power; power is the root of what could overflow.
  const double z = x < 0.5 ? -x : x - 1.0;
  double sum = 0.0;
  for (int k = 14; k > 0; --k) sum += isobar_lanczos[k] / (z + k);
  sum += isobar_lanczos[0];
  const double t = z + 0.5 + 4.7421875;
  const double power = pow(t, 0.5 * (z + 0.5)), rest = root_2_pi * sum * exp(-t);
  if (x < 0.5) return pi / sinpi(x) / power / rest / power;
  return power * rest * power;
}
