/* linked — plain text in which addresses can be followed. Nothing else of it is ever markup. */

const ADDRESS = /(https?:\/\/[^\s<>"«»]+[^\s<>"«».,;:!?)\]])/gu;

export function Linked({ text }: { text: string }) {
  return (
    <p class="linked">
      {text.split(ADDRESS).map((part, i) =>
        i % 2 === 1 ? (
          <a key={i} href={part} target="_blank" rel="noopener noreferrer nofollow">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </p>
  );
}
