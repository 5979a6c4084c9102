import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./DataTable.module.css";

export interface Column<Row> {
  /** The column's heading; also the label of each value at phone width. */
  title: string;
  /** Whether the heading is for screen readers only, as above a row's buttons. */
  untitled?: boolean;
  cell: (row: Row) => ReactNode;
  align?: "start" | "end";
}

interface Props<Row> {
  /** What the table lists, for screen readers. */
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
}

/** A table whose rows become cards at phone width. */
export function DataTable<Row>({ caption, columns, rows, rowKey }: Props<Row>) {
  return (
    <div className={styles.frame}>
      <Table className={styles.table}>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" data-align={column.align}>
                {column.untitled ? <span className="unseen">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td
                  key={column.title}
                  data-title={column.untitled ? undefined : column.title}
                  data-align={column.align}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
