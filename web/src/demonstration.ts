// The demonstration page: choose who is signed in. A bank's own site would hand its identity token
// to the widget.

interface Person {
  name: string;
  identity_token: string;
}

const select = document.querySelector<HTMLSelectElement>("#customer");
const widget = document.querySelector("bank-assistant");

async function fill(): Promise<void> {
  const answer = await fetch("/demonstration/customers");
  if (!answer.ok || !select) return;
  for (const person of (await answer.json()) as Person[]) {
    select.add(new Option(person.name, person.identity_token));
  }
}

select?.addEventListener("change", () => widget?.setAttribute("identity-token", select.value));
void fill();
