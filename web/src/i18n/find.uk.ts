/* find — the words of looking for something in the chat. */

export const findUk = {
  'find.none': 'Такого в чаті немає.',
  'find.older': 'Показати давніші',
  'find.busy': 'Шукаю…',
  'find.show': 'Показати в розмові: {name}, {at}',
  'find.back': 'Назад до чату',
  'find.excerpt': 'Розмова навколо знайденого',
  'find.lesson': 'Знайти в чаті запису',
} as const;
