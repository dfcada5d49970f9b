// The demonstration page: choose who is signed in. A bank's own site would hand its identity token
// to the widget.

interface Person {
  name: string;
  identity_token: string;
}

const chosen = document.querySelector<HTMLSelectElement>("#customer");
const widget = document.querySelector("bank-assistant");

async function fill(): Promise<void> {
  const answer = await fetch("/demonstration/customers");
  if (!answer.ok || !chosen) return;
  for (const person of (await answer.json()) as Person[]) {
    chosen.add(new Option(person.name, person.identity_token));
  }
}

chosen?.addEventListener("change", () => widget?.setAttribute("identity-token", chosen.value));
void fill();
