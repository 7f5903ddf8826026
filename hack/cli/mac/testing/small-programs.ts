import { gunzipSync } from 'node:zlib';

/*
 * Two real programs for macOS that do nothing, made by LLVM 16's linker of this source, in the processor's own words:
 *
 *     .section __TEXT,__text
 *     .globl _main
 *     _main: (return 0)
 *     .section __TEXT,__cstring,cstring_literals
 *     _fuse: .asciz "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0"
 *     .section __DATA,__data
 *     .globl _pointer
 *     .p2align 3
 *     _pointer: .quad _main
 *     _imported: .quad _puts
 *
 *     llvm-mc -triple=arm64-apple-macos13 -filetype=obj p.s -o p.o
 *     ld64.lld -arch arm64 -platform_version macos 13.0 13.0 -fixup_chains -headerpad 0x100 -o program p.o libSystem.tbd
 *     llvm-mc -triple=x86_64-apple-macos13 -filetype=obj x.s -o x.o
 *     ld64.lld -arch x86_64 -platform_version macos 13.0 13.0 -no_fixup_chains -adhoc_codesign -headerpad 0x100 -o program-x64 x.o libSystem.tbd
 */

const arm64 =
  'H4sIAAAAAAACA+3dW0gUURgH8DO7axma7VOokWwvaTcvq63ag7i5U4ai5gWWCI47u6NuubrszpZG0QQZRS9GL0IQ9hAVVGIEgRCsEL1F+NCFHroQdKPLQ1AkdDln5ziO20ZC' +
  'RBD/H3zOfufMnHO+M/u6nruz777lEiIRxsbCySJqJ2SEuHgTKWDRyILSNu92eZfc3kp+IpHf4+O8So3TKfs7Mzxfn/aAyLNE2EQzpZo6pM3flj7eqMMYL9uS26zjOohuTSkN' +
  'xrVYeKD3F+ONifEqLLmVLUOdY6lxfN5O78J6FtSZdrWLkMx1hAJawLrOzOM5Lbn9N/tvvMfmHS1Nsm/HXI26MY7LPp8TSy6lvd8qdodT3NfNLpUi79aNUvh+5LO4qBvvoOQI' +
  'IX52zWHRRhbWymNJhj1cjDy+Rhbsu0vKEvFYWX9YKQsN94dE/yqxjuZmX0NXV4XvnFz0YqhFlt3iOaOm5amQzLU4SQmrJ198b6z4PDViTMP2LD6KOTeLjuG4pkZKt5aydYQV' +
  '46614h2Ni/1YJ/KLYp9Xi1xn+zQuESB6e9JO77e0+mTaIXvptq4OmfYEVU9NeUBxB4NVnmrFo5ZXu5UaZXOop6K21qO4t5Rj3wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
  'AADgf2D8Xt78FbmOHQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD4N1zEOJudHwmfft679Rj0/PTP9bb5c+wtz9JoQoubjZRkEXskEB4g62mkj6pDajChqbRPDYTU' +
  'GCmLDoYHNPah0k5Gl6WOgncQXTeXwNpSeEce+zPmMObITsv5efB5dtZeb+R8fSukuf9vQEgRz/kh76K/LtXvNNddbFzNeTel5S5CexJxde5vOBIdjGlqiNBUZXSuCqN0fg49' +
  'jWsJhSrhAV4lzVC5YfZxbpJNM27Z9nzRzqqTjhObgxfPy+9j4Rf3sF05ortsqWPpF8F8SVI0NtgbC0TMnpoHQWdBzu6Sh4feTnzyHtvTMFr9ZmVx4dPk9NTHbs+dZ1cOX77m' +
  'H7z9uifpeDAzs9fW6s/6fvD6wQMjj26ebDyx8cKf9m+YjVwau7r/aCBEo4WfX7af3Tf1fvKU49bOL9PX6ny15//2/JP3NHde0/O3JTeSTY1PgvT05Osr02e+rvnwMjkdXTqh' +
  '/QCplwO9IIMAAA==';
const x64 =
  'H4sIAAAAAAACA+2ZTWgTQRTHXzaNtlj7oSARrW4KtlW0+WhNtz2I0aStWNvUthJEGLLJtg00H2420FSRIAoFL6ItKB4aKYhfF6F6ESUg0nqxHkR6UikIlepJ8NCDOrM7SbZp' +
  'SnuW+cHj7ZuZfTP/mbnsvvmVn3+2AhiMACkOACqxpXBwHXgg7MbWiQ0hr6vDc95ztgfWYICNIXmW1Dz9Hl9/kferCl6gsYkaR5sRUqRRJT+sMF+6RMtn1MWrKIGUPkQoEFfk' +
  'UGRonXzTNJ9dF+vhiui8o+Zxu/pdq/Ws0lngjdQMuXUE/Ypfv87i+ap0sXGD/dfOsetU92mP+1RWI0/n5PKxXpih4Hxr8fWw0XGl2JXya4+OYMbtAk1jxubDMb5nMIe9F/tt' +
  'oPnsVBzVbyqyp5uhgi69HJs1EZetIyHRGkyOBGn/HrqOri73/MCA3X1/qenj1KsPBxz0PU3jdtWy92cLVtaA9ZqL3CMyj0BzanSYSJbc3Nj6knFFCjeeaMTrCInaqDp6Zl66' +
  'fwdp7KP7XkNj3gLwFRj2zJvuHrcH9XlcqH2gz4MGA5JTsPlFRyDQ7GwRnZKtxSEK4tHgoL211Sk62mxs0xgMBoPBYDAYjHXIfi8zGAwGg8FgMBgMBoPB+H+proVe4o+jWEKJ' +
  'Q2+1XHpT7TAgMIEx7A9F4BAKDyNpVAokFAkNS/6gJIM1Fg1FFPzQZIR0GS3fpnjyrEIaKrh8/ZzUOiuM2NO69Q5slYb8/wdSR60kRVfaL6j9WmWZxBbN535V1BfEPKDBRFwC' +
  'FArHorIiBQGpa0fZdWr6SEUYxZWEiMRQhOhARbTpWflcngGtFJudy0zbicQ54EqIWPI8jM1Hx2AlFp7n1DLxJshV0A0xOTok+8NHRp3NakNrrz1549exzPjFM1/eP3bICzuF' +
  'B79fXBKmfixcaDs3NvHs3t1P9elp/u3It0hycbyRr3o6sevJ8t/O6MmZq/v2lk2O7bcsX5n5/tr78F0mPd3ufPSy4Xnd7OKt2cO3Jy/XXPsHlCgD1wAiAAA=';

const unpack = (text: string): Buffer => gunzipSync(Buffer.from(text, 'base64'));

/** A program for arm64 with chained fixups, and one for x64 without, each with the linker's own ad-hoc signature and that one's name for it. */
export const smallPrograms = {
  arm64: { file: (): Buffer => unpack(arm64), identifier: 'program', pageSize: 1 << 14 },
  x64: { file: (): Buffer => unpack(x64), identifier: 'program-x64', pageSize: 1 << 12 },
} as const;
