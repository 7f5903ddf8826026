export * from '@osmo/crds/addresses';
