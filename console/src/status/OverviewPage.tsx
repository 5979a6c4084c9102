import { Skeleton } from "@mantine/core";
import { api } from "@/api/client";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { words } from "@/words/status";
import { Attention } from "./Attention";
import { ChannelCard } from "./ChannelCard";
import styles from "./Overview.module.css";
import { SetupList } from "./SetupList";

/** The first page: whether everything is connected, what needs attention, and what is left to set up. */
export default function OverviewPage() {
  const overview = api.useQuery("get", "/api/v1/settings/overview");
  return (
    <Page title={words.title} about={words.about}>
      <Loaded query={overview} skeleton={<CardSkeletons />}>
        {({ data }) => (
          <>
            <ul className={styles.cards} aria-label={words.cards}>
              {data.channels.map((channel) => (
                <ChannelCard key={channel.channel} card={channel} />
              ))}
            </ul>
            <Attention />
            <SetupList steps={data.setup} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function CardSkeletons() {
  return (
    <div className={styles.cards}>
      {Object.keys(words.channels).map((name) => (
        <Skeleton key={name} height={208} radius="lg" />
      ))}
    </div>
  );
}
