import { createElement, Fragment, type ReactNode } from "react";
import { words } from "@/words/parts";
import styles from "./HtmlPreview.module.css";

const SHOWN = new Set(
  "a,b,blockquote,br,code,em,h1,h2,h3,h4,hr,i,li,ol,p,pre,s,small,span,strong,sub,sup,table,tbody,td,th,thead,tr,u,ul,div".split(
    ",",
  ),
);
const EMPTY = new Set(["br", "hr"]);
/** Elements whose content is no text for people. */
const DROPPED = new Set([
  "script",
  "style",
  "title",
  "template",
  "noscript",
  "iframe",
  "object",
  "svg",
  "math",
]);
/** A heading of the mail is none of the page. */
const RENAMED: Record<string, string> = { a: "u", h1: "p", h2: "p", h3: "p", h4: "p" };

/**
 * How HTML reads that a person wrote for a mail: its structure and texts, without a style, a link or a picture.
 *
 * The HTML is parsed into a document that runs and loads nothing, and only known elements are made of it again.
 */
export function HtmlPreview({ html, label }: { html: string; label: string }) {
  const body = new DOMParser().parseFromString(
    html.replace(/\sstyle\s*=/gi, " data-style="),
    "text/html",
  ).body;
  return (
    <section className={styles.preview} aria-label={label}>
      {childrenOf(body)}
    </section>
  );
}

function childrenOf(node: Node): ReactNode[] {
  return [...node.childNodes].map((child, at) => <Fragment key={String(at)}>{shown(child)}</Fragment>);
}

function shown(node: Node): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const name = node.localName;
  if (DROPPED.has(name)) return null;
  if (name === "img") return words.picture(node.getAttribute("alt") ?? "");
  if (EMPTY.has(name)) return createElement(name);
  const inner = childrenOf(node);
  return SHOWN.has(name) ? createElement(RENAMED[name] ?? name, null, ...inner) : inner;
}
