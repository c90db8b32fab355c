// `wireql --schema URL`: the server's schema in the schema definition language.
import type { Client } from 'wireql';
import { buildClientSchema, getIntrospectionQuery, printSchema as printed, type IntrospectionQuery } from 'graphql';
import { Failure } from './failure.js';
import { harmless } from './harmless.js';

export const printSchema = async (client: Client, signal: AbortSignal): Promise<string> => {
  const { data, errors } = await client.execute<IntrospectionQuery>(getIntrospectionQuery(), { signal });
  if (!data) {
    const said = errors?.map(({ message }) => message).join('; ');
    throw new Failure(`the server does not tell its schema: ${said ?? 'it answered without data'}`, 1);
  }
  try {
    // In descriptions a replacement: a backslash would end some texts otherwise.
    return `${harmless(printed(buildClientSchema(data)), '\ufffd')}\n`;
  } catch (error) {
    throw new Failure(`the server does not tell its schema: ${(error as Error).message}`, 1);
  }
};
