import { describe, expect, test } from '@jest/globals';
import { readReview, ReviewError } from './read-review.ts';

const request = {
  uid: 'u',
  kind: { group: 'g', version: 'v', kind: 'K' },
  operation: 'CREATE',
  object: { metadata: {} },
};
const review = (change: object = {}, head: object = {}): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { ...request, ...change },
    ...head,
  });

test('a review is read; what a deletion has none of is null', () => {
  expect(readReview(review())).toMatchObject({ uid: 'u', operation: 'CREATE', object: { metadata: {} } });
  expect(readReview(review({ operation: 'DELETE', object: null })).object).toBeNull();
  expect(readReview(review()).userInfo).toEqual({});
});

describe('what is none is refused, and said why', () => {
  test.each<[string, string, RegExp]>([
    ['no JSON', '{', /not JSON/],
    ['a text', '"x"', /AdmissionReview/],
    ['an old version', review({}, { apiVersion: 'admission.k8s.io/v1beta1' }), /admission\.k8s\.io\/v1/],
    ['no request', review({}, { request: 7 }), /request/],
    ['no uid', review({ uid: 1 }), /request\.uid/],
    ['no kind', review({ kind: null }), /request\.kind/],
    ['an unknown operation', review({ operation: 'PATCH' }), /request\.operation/],
    ['an object that is none', review({ object: [] }), /request\.object/],
    ['an object without metadata', review({ object: {} }), /request\.object/],
  ])('%s', (_, body, message) => {
    expect(() => readReview(body)).toThrow(ReviewError);
    expect(() => readReview(body)).toThrow(message);
  });
});
