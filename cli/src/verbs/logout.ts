import type { Verb } from '../verb.ts';

export const logout: Verb = {
  path: ['logout'],
  summary: 'Forget the login of a context',
  description: 'Its address stays, so that `osmo login` needs none. The gateway is not asked.',
  examples: [
    ['logout', 'of the current context'],
    ['logout --context lab', 'of another one'],
  ],
  async run(session) {
    const { name, context } = await session.current();
    if (name === undefined || context.login === undefined) return session.print(`Not logged in at ${context.url}.`);
    const { login: _login, ...rest } = context;
    const config = await session.config();
    await session.save({ ...config, contexts: { ...config.contexts, [name]: rest } });
    return session.print(`Logged out of ${context.url}.`);
  },
};
