// PDFs made by the tests themselves.

/** A PDF whose pages are each of one colour, with words on them. */
export function pdf(colours, trailer = '') {
  const page = (i) => 10 + 2 * i;
  const parts = [
    '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n',
    `2 0 obj<</Type/Pages/Kids[${colours.map((_, i) => `${page(i)} 0 R`).join(' ')}]/Count ${colours.length}>>endobj\n`,
    '3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n',
  ];
  colours.forEach((rgb, i) => {
    const text = `${rgb.map((c) => (c / 255).toFixed(3)).join(' ')} rg 0 0 640 360 re f 1 g BT /F 40 Tf 60 180 Td (Page number ${i + 1}) Tj ET`;
    parts.push(`${page(i)} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 640 360]/Resources<</Font<</F 3 0 R>>>>/Contents ${page(i) + 1} 0 R>>endobj\n`);
    parts.push(`${page(i) + 1} 0 obj<</Length ${text.length}>>stream\n${text}\nendstream endobj\n`);
  });
  return Buffer.from(`${parts.join('')}trailer<</Root 1 0 R${trailer}>>\n%%EOF\n`, 'latin1');
}
