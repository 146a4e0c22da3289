//! Replacing the credentials of an account: only ones that lead to the same cards.

use crate::accounts::is_paused_by_person;
use crate::contract::{AccountView, Problem, ProblemCode, ReplaceCredentials};
use crate::desk::Desk;
use crate::guard;
use crate::log::Note;
use crate::problems::{self, Names};
use crate::reach::{credential_name, publishable_name};
use secrecy::SecretString;
use tokendesk_providers::Credentials;
use tokendesk_providers::description::Offered;
use tokendesk_sync::scope::{SameScope, prove_same_scope};

impl Desk {
    /// Replaces the credentials of an account. Up to three known cards are read with the new ones first; host, scope and
    /// environment stay as they are.
    ///
    /// # Errors
    /// A [`Problem`] naming the field that cannot be right; [`ProblemCode::OtherScope`] where the new credentials do not
    /// show the known cards. The old ones are kept then.
    pub async fn replace_credentials(&self, request: ReplaceCredentials) -> Result<AccountView, Problem> {
        self.may_write()?;
        let mut account = self.account_of(&request.account_id).await?;
        let names = Names::of(&account);
        let Some(origin) = account.origin.clone() else {
            return Err(Problem::with(
                ProblemCode::FieldInvalid,
                [
                    ("field_name", "The built-in demo".to_owned()),
                    ("rule", "It brings its own credentials.".to_owned()),
                ],
            ));
        };
        let publishable_key = guard::given(request.publishable_key.as_deref());
        let host = origin.to_string();
        let scope = account.scope.clone();
        let admitted = guard::admit(
            account.provider,
            &Offered {
                environment: account.environment,
                host: &host,
                space: &scope,
                user: request.user.trim(),
                connector: account.connector.as_deref().unwrap_or_default(),
                key: request.key.trim(),
                publishable_key: publishable_key.as_deref().unwrap_or_default(),
            },
        )?;
        let (user, key) = (admitted.user, request.key.trim().to_owned());
        let kept = match &publishable_key {
            Some(new) => Some(SecretString::from(new.clone())),
            None => self.0.vault.get(&publishable_name(account.id)).await?,
        };
        let system = self
            .0
            .reach
            .system(
                account.provider,
                Credentials {
                    origin,
                    environment: account.environment,
                    scope,
                    user: user.clone(),
                    connector: account.connector.clone(),
                    key: SecretString::from(key.clone()),
                    publishable_key: kept,
                },
            )
            .map_err(|error| problems::of_provider(&error, &names))?;
        let proof = prove_same_scope(system.as_ref(), &account, &self.0.store)
            .await
            .map_err(|error| problems::of_sync(error, &names));
        // A system that can be asked nothing cannot show that it is the same one.
        let unproven = matches!(proof, Ok(SameScope::CannotBeProven)).then_some("not_proven");
        let refused = match &proof {
            Ok(proof) if proof.is_accepted() => None,
            Ok(_) => Some(Problem::with(
                ProblemCode::OtherScope,
                [
                    ("account", account.label.clone()),
                    ("provider", names.provider.clone()),
                ],
            )),
            Err(problem) => Some(problem.clone()),
        };
        if let Some(problem) = refused {
            self.note(Note {
                action: "account.credentials_replaced",
                outcome: "refused",
                account: Some(account.id),
                detail: Some(&crate::refusals::word(problem.code)),
                ..Note::default()
            })
            .await?;
            return Err(problem);
        }
        self.0
            .vault
            .set(&credential_name(account.id), &SecretString::from(key))
            .await?;
        if let Some(key) = publishable_key {
            self.0
                .vault
                .set(&publishable_name(account.id), &SecretString::from(key))
                .await?;
        }
        self.0.store.set_user(account.id, &user).await?;
        account.user = user;
        if !is_paused_by_person(&account) {
            self.0.store.set_paused(account.id, None).await?;
            account.paused = None;
        }
        // The link was made with the old ones.
        self.0.engine.forget(account.id);
        self.memory().problems.remove(&account.id);
        self.note(Note {
            action: "account.credentials_replaced",
            account: Some(account.id),
            detail: unproven,
            ..Note::default()
        })
        .await?;
        self.tell_accounts();
        self.0.engine.wake();
        self.account_view(&account).await
    }
}
