"""The consent to the processing of personal data (Federal Law 152-FZ, article 9), and which text of it is in force.

The version goes into the account with the time and address it was given at; another text needs another version. The Russian text
is the one that binds; its translations, by language, are for reading and change with it.
"""

CONSENT_VERSION = "2026-11-01"

CONSENT_TEXT = """\
Согласие на обработку персональных данных

Регистрируясь на сайте Front Row, я свободно, своей волей и в своём интересе даю оператору сайта согласие на обработку \
моих персональных данных (статья 9 Федерального закона от 27.07.2006 № 152-ФЗ «О персональных данных»).

1. Какие данные. Фамилия, имя, номер телефона, адрес электронной почты, логин; история заказов и билетов; время и \
сетевой адрес (IP) действий, связанных с покупкой. Пароль хранится только в виде необратимого хеша. Данные банковских \
карт оператор не получает и не хранит: их запрашивает платёжная система на своей странице.

2. Зачем. Регистрация и вход; закрепление мест, продажа и возврат билетов; выпуск билетов и уведомления о заказах, \
изменениях и отменах мероприятий; исполнение требований закона о бухгалтерском учёте и о защите прав потребителей; \
расследование ошибок и злоупотреблений.

3. Что с ними делают. Сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, \
обезличивание, блокирование, удаление и уничтожение с использованием средств автоматизации. Базы данных находятся на \
территории Российской Федерации. Платёжной системе передаются только номер заказа и сумма, организатору мероприятия для \
контроля входа — имя и фамилия владельца билета. Другим лицам данные не передаются, кроме случаев, предусмотренных законом.

4. Как долго. Пока существует учётная запись. После её удаления данные обезличиваются; записи о покупках хранятся без \
имени и контактов столько, сколько требует закон (журнал операций — не менее одного года, первичные учётные \
документы — пять лет).

5. Как отозвать. Согласие отзывается в любой момент удалением учётной записи в личном кабинете (раздел «Мои данные», \
«Удалить учётную запись») либо письмом оператору. Там же можно получить копию всех своих данных и исправить их. После \
отзыва данные обезличиваются, а логин, телефон и адрес электронной почты освобождаются; уже купленные билеты \
остаются действительными по номеру заказа.
"""

CONSENT_TRANSLATIONS = {
    "en": """\
Consent to the processing of personal data

By registering at Front Row I consent, freely, of my own will and in my own interest, that the operator of this site processes \
my personal data (article 9 of Federal Law No. 152-FZ of 27 July 2006 “On Personal Data”).

1. Which data. Surname, name, phone number, e-mail address, login; the history of orders and tickets; time and network address \
(IP) of what is done for a purchase. The password is kept only as a hash that cannot be reversed. The operator neither receives \
nor keeps data of bank cards: the payment system asks for them on its own page.

2. What for. Registering and signing in; holding seats, selling and refunding tickets; issuing tickets and telling of orders and of \
events that are changed or cancelled; what the laws on accounting and on the protection of consumers require; looking into \
errors and abuse.

3. What is done with them. Collecting, recording, systematising, accumulating, storing, correcting, retrieving, using, \
depersonalising, blocking, deleting and destroying, by automated means. The databases are on the territory of the Russian \
Federation. The payment system is given only the number of the order and the sum; the organiser of the event, to check who may \
enter, the name and surname of the ticket's holder. Nobody else is given the data, except where the law demands it.

4. For how long. As long as the account exists. When it is deleted the data are depersonalised; records of purchases are kept \
without name and contacts for as long as the law demands (the log of operations at least one year, primary accounting documents \
five years).

5. How to withdraw. The consent can be withdrawn at any time, by deleting the account in the personal account (“My data”, “Delete \
the account”) or by a letter to the operator. There one can also get a copy of all one's data and correct them. After that the data \
are depersonalised, and login, phone and e-mail address are free again; tickets that were bought stay valid by the number of \
their order.
""",
}
