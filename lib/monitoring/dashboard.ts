// One page for whoever is on call, to be read from top to bottom: what alarms, does data flow, are the
// reports fresh, is the API well, how are the stores, how are the functions.
import { Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

const COLUMNS = 24;
const GRAPH_HEIGHT = 6;
const ALARMS_A_LINE = 4;

export interface Graph {
  readonly title: string;
  readonly left: readonly IMetric[];
  readonly right?: readonly IMetric[];
}

export interface Section {
  /** The question that the graphs answer. */
  readonly question: string;
  /** What is right, and where to look if it is not. */
  readonly hint: string;
  readonly graphs: readonly Graph[];
}

export function makeDashboard(
  scope: Construct,
  alarms: readonly Alarm[],
  sections: readonly Section[],
): Dashboard {
  return new Dashboard(scope, 'Dashboard', {
    dashboardName: Stack.of(scope).stackName,
    widgets: [
      [
        new AlarmStatusWidget({
          title: 'Alarms: each says its heading in docs/runbook.md',
          alarms: [...alarms],
          width: COLUMNS,
          height: 1 + Math.ceil(alarms.length / ALARMS_A_LINE),
        }),
      ],
      ...sections.flatMap(rowsOf),
    ],
  });
}

function rowsOf({ question, hint, graphs }: Section): IWidget[][] {
  const heading = new TextWidget({
    markdown: `## ${question}\n${hint}`,
    width: COLUMNS,
    height: 2,
  });
  const width = Math.floor(COLUMNS / graphs.length);
  return [
    [heading],
    graphs.map(
      ({ title, left, right = [] }) =>
        new GraphWidget({
          title,
          left: [...left],
          right: [...right],
          width,
          height: GRAPH_HEIGHT,
          leftYAxis: { min: 0 },
          rightYAxis: { min: 0 },
        }),
    ),
  ];
}
