import express, { type Request, type Response } from 'express';

/** Fields of a form, at most. */
const mostFields = 16;

/** Reads the body of a form (`application/x-www-form-urlencoded`) of so many bytes; of another type there is none. */
export function formParser(
  maxBytes: number,
): (request: Request, response: Response, next: (error?: unknown) => void) => void {
  return express.urlencoded({ extended: false, limit: maxBytes, parameterLimit: mostFields, inflate: false });
}
