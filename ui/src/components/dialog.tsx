import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import type { Problem } from "../contract";
import { Say } from "../messages/text";
import { Button } from "./button";
import { ProblemNote } from "./problem";

export interface DialogProps {
  title: ReactNode;
  children: ReactNode;
  footer: ReactNode;
  onClose: () => void;
  width?: number;
  /** Asks before something that cannot be taken back. */
  alert?: boolean;
  /** Beside the form. */
  aside?: ReactNode;
  testId?: string;
}

/** Below the environment strip, so that its word is never covered. Esc is the safe answer. */
export function Dialog({ title, children, footer, onClose, width = 540, alert, aside, testId }: DialogProps) {
  return (
    <ModalOverlay className="scrim" isOpen onOpenChange={(open) => !open && onClose()} isDismissable={!alert}>
      <Modal className="dialog" style={{ width }}>
        <AriaDialog role={alert ? "alertdialog" : "dialog"} className="dialog-in" data-testid={testId}>
          <div className={aside ? "dialog-split" : "dialog-one"}>
            {aside}
            <div className="dialog-main">
              <header>
                <Heading slot="title" level={1}>
                  {title}
                </Heading>
              </header>
              <div className="body">{children}</div>
            </div>
          </div>
          <footer>{footer}</footer>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmProps {
  title: ReactNode;
  children: ReactNode;
  /** Verb and object. */
  action: ReactNode;
  /** The safe answer in its own words. */
  keep: ReactNode;
  danger?: boolean;
  busy: boolean;
  problem: Problem | null;
  onConfirm: () => void;
  onClose: () => void;
  testId?: string;
}

export function Confirm(props: ConfirmProps) {
  return (
    <Dialog
      alert
      title={props.title}
      onClose={props.onClose}
      footer={
        <>
          <span className="grow" />
          <Button size="l" autoFocus onPress={props.onClose}>
            {props.keep}
          </Button>
          <Button
            size="l"
            kind={props.danger ? "danger" : "primary"}
            isDisabled={props.busy}
            onPress={props.onConfirm}
            data-testid={props.testId}
          >
            {props.busy ? <Say id="action.working" /> : props.action}
          </Button>
        </>
      }
    >
      {props.children}
      {props.problem && <ProblemNote problem={props.problem} />}
    </Dialog>
  );
}
