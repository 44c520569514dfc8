/* takeaway — notes to take along: as a file of Markdown, or copied. */

import { t } from '../i18n';
import { CopyButton } from './basic';
import { Icon } from './icons';

function download(text: string, title: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/markdown;charset=utf-8' }));
  const a = document.createElement('a');
  a.href = url;
  a.download = `${title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, ' ').trim() || 'notes'}.md`;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

export function Takeaway({ text, title }: { text: string; title: string }) {
  if (text.trim() === '') return null;
  return (
    <div class="row takeaway">
      <button type="button" class="btn" onClick={() => download(text, `${t('notes.title')} - ${title}`)}>
        <Icon name="download" />
        {t('notes.download')}
      </button>
      <CopyButton text={text} label={t('notes.copy')} />
    </div>
  );
}
